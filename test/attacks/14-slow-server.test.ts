import { randomBytes } from 'node:crypto';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { cryptoWaitReady } from '@polkadot/util-crypto';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { sha256Hex } from '../../src/core/hash/sha256.ts';
import { createGuardedFetch } from '../../src/net/guarded-fetch.ts';
import { fetchObject } from '../../src/net/object-client.ts';
import { signerOf } from '../net/peers.ts';

/* Attack 14: servers that are slow, endless or lie of their length, asked as a miner's axon and as a site. */
const OBJECT = randomBytes(50_000);
const MAX_BYTES = 100_000;
const BOMB = gzipSync(Buffer.alloc(50_000_000));

const stop: (() => void)[] = [];

beforeAll(() => cryptoWaitReady());
afterEach(() => {
  for (const each of stop.splice(0)) each();
});

/** A server that does this to whoever has asked; `host:port`. */
async function listen(act: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).once('data', () => act(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  stop.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Sends a piece again and again, until the other side has gone. */
function forever(socket: Socket, piece: string | Buffer, everyMs: number): void {
  const timer = setInterval(() => socket.write(piece), everyMs);
  socket.on('close', () => clearInterval(timer));
}

function answer(socket: Socket, headers: string, body: string | Buffer = ''): void {
  socket.write(`HTTP/1.1 200 OK\r\n${headers}\r\n`);
  socket.write(body);
}

/** What becomes of asking a miner there for the object. */
async function asPeer(host: string, timeoutMs: number): Promise<string> {
  return await fetchObject({
    ...{ base: `http://${host}`, digest: sha256Hex(OBJECT), maxBytes: MAX_BYTES, timeoutMs, minBytesPerSecond: 1000 },
    ...{ receiver: signerOf('//miner').address, signer: signerOf('//validator') },
    isAllowedAddress: (address) => address === '127.0.0.1',
  }).then(
    (bytes) => (OBJECT.equals(bytes) ? 'the object' : 'other bytes'),
    (error: Error & { reason?: string }) => `${error.name} ${error.reason ?? ''}`.trim(),
  );
}

/** What becomes of fetching a page there. */
async function asSite(host: string, timeoutMs: number): Promise<string> {
  const fetch = createGuardedFetch({ allowPrivate: [host], userAgent: 'test', maxBodyBytes: MAX_BYTES, timeoutMs });
  return await fetch(`http://${host}/`).then(
    ({ body }) => (OBJECT.equals(body) ? 'the object' : 'other bytes'),
    (error: Error) => error.name,
  );
}

const honest = (socket: Socket): void => answer(socket, `content-length: ${OBJECT.length}\r\n`, OBJECT);

describe('attack 14: slow and lying servers', () => {
  it.each<[string, (socket: Socket) => void, string, string]>([
    ['an honest server, so that the refusals below mean something', honest, 'the object', 'the object'],
    ['silence', () => undefined, 'PeerUnreachable timeout', 'FetchTimeout'],
    [
      'a slow loris: a header that never ends, byte by byte',
      (socket) => {
        socket.write('HTTP/1.1 200 OK\r\nx-slow: ');
        forever(socket, 'a', 5);
      },
      'PeerUnreachable timeout',
      'FetchTimeout',
    ],
    [
      'headers without end',
      (socket) => {
        socket.write('HTTP/1.1 200 OK\r\n');
        forever(socket, `x-more: ${'a'.repeat(1000)}\r\n`, 1);
      },
      'PeerUnreachable connection',
      'HeadersTooLarge',
    ],
    [
      'early hints without end',
      (socket) => forever(socket, 'HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n', 5),
      'PeerUnreachable timeout',
      'FetchFailed',
    ],
    [
      'a body that stops in the middle',
      (socket) => answer(socket, `content-length: ${OBJECT.length}\r\n`, OBJECT.subarray(0, 100)),
      'PeerUnreachable timeout',
      'FetchTimeout',
    ],
    [
      'a body that trickles',
      (socket) => {
        answer(socket, `content-length: ${OBJECT.length}\r\n`);
        forever(socket, 'a', 20);
      },
      'PeerUnreachable timeout',
      'FetchTimeout',
    ],
    [
      'a body without end',
      (socket) => {
        answer(socket, 'transfer-encoding: chunked\r\n');
        forever(socket, Buffer.concat([Buffer.from('2710\r\n'), Buffer.alloc(10_000, 'a'), Buffer.from('\r\n')]), 1);
      },
      'ObjectRejected too_large',
      'BodyTooLarge',
    ],
    [
      'chunks of nothing but extensions',
      (socket) => {
        answer(socket, 'transfer-encoding: chunked\r\n');
        forever(socket, `1;${'x=y;'.repeat(1000)}`, 1);
      },
      'PeerUnreachable timeout',
      'FetchTimeout',
    ],
    [
      'a length that is too much',
      (socket) => answer(socket, 'content-length: 99999999999\r\n', OBJECT),
      'ObjectRejected too_large',
      'BodyTooLarge',
    ],
    [
      'a length that the body does not reach',
      (socket) => {
        answer(socket, `content-length: ${OBJECT.length}\r\n`, OBJECT.subarray(1));
        socket.end();
      },
      'PeerUnreachable connection',
      'FetchFailed',
    ],
    [
      'two lengths',
      (socket) => answer(socket, `content-length: ${OBJECT.length}\r\ncontent-length: 7\r\n`, OBJECT),
      'PeerUnreachable connection',
      'FetchFailed',
    ],
    [
      'a length below nothing',
      (socket) => answer(socket, 'content-length: -1\r\n', OBJECT),
      'PeerUnreachable connection',
      'FetchFailed',
    ],
    [
      'a length and chunks at once',
      (socket) => answer(socket, `content-length: 5\r\ntransfer-encoding: chunked\r\n`, '5\r\nhello\r\n0\r\n\r\n'),
      'PeerUnreachable connection',
      'FetchFailed',
    ],
    [
      'a way back to itself',
      (socket) => socket.write('HTTP/1.1 302 Found\r\nlocation: /\r\ncontent-length: 0\r\n\r\n'),
      'PeerRefused unknown',
      'TooManyRedirects',
    ],
    [
      'a bomb of gzip',
      (socket) => {
        answer(socket, `content-encoding: gzip\r\ncontent-length: ${BOMB.length}\r\n`, BOMB);
      },
      'ObjectRejected digest',
      'BodyTooLarge',
    ],
    [
      'a bomb in a bomb',
      (socket) => {
        const bomb = gzipSync(BOMB);
        answer(socket, `content-encoding: gzip, gzip\r\ncontent-length: ${bomb.length}\r\n`, bomb);
      },
      'ObjectRejected digest',
      'BodyTooLarge',
    ],
    [
      'gzip ten times over',
      (socket) => {
        let body: Buffer = OBJECT;
        for (let times = 0; times < 10; times++) body = gzipSync(body);
        const encodings = Array.from({ length: 10 }, () => 'gzip').join(', ');
        answer(socket, `content-encoding: ${encodings}\r\ncontent-length: ${body.length}\r\n`, body);
      },
      'ObjectRejected digest',
      'FetchFailed',
    ],
    ['no HTTP', (socket) => socket.end('SSH-2.0-OpenSSH\r\n'), 'PeerUnreachable connection', 'FetchFailed'],
  ])('%s', async (_, act, peer, site) => {
    const host = await listen(act);
    const timeoutMs = peer === 'PeerUnreachable timeout' ? 1000 : 20_000;
    expect(await Promise.all([asPeer(host, timeoutMs), asSite(host, timeoutMs)])).toEqual([peer, site]);
  });

  it('bytes beyond the stated length are not taken for the object', async () => {
    const host = await listen((socket) => answer(socket, `content-length: ${OBJECT.length - 1}\r\n`, OBJECT));
    expect(await asPeer(host, 20_000)).not.toBe('the object');
    expect(await asSite(host, 20_000)).not.toBe('the object');
  });

  it('a hundred of them at once keep no honest server waiting', async () => {
    const slow = await listen((socket) => {
      socket.write('HTTP/1.1 200 OK\r\nx-slow: ');
      forever(socket, 'a', 50);
    });
    const good = await listen(honest);
    let over = 0;
    const hanging = Array.from({ length: 50 }, () =>
      Promise.all([asPeer(slow, 20_000), asSite(slow, 20_000)]).finally(() => (over += 1)),
    );
    for (let times = 0; times < 5; times++) {
      expect(await Promise.all([asPeer(good, 20_000), asSite(good, 20_000)])).toEqual(['the object', 'the object']);
    }
    expect(over).toBe(0);
    for (const each of stop.splice(0)) each();
    for (const [peer] of await Promise.all(hanging)) expect(peer).toMatch(/^PeerUnreachable/);
  });
});
