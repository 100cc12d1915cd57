import { createSecureServer } from 'node:http2';
import type { Http2SecureServer, ServerHttp2Session, ServerHttp2Stream } from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import { brotliCompressSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { createGuardedFetch } from '../../src/net/guarded-fetch.ts';
import type { GuardedClient, GuardedFetchOptions } from '../../src/net/guarded-fetch.ts';
import { forever, listenHostileTls } from './hostile-server.ts';
import { TEST_CERTIFICATE, TEST_KEY } from './test-certificate.ts';

const BOMB = brotliCompressSync(Buffer.alloc(5_000_000));
const SOON: Partial<GuardedFetchOptions> = { timeoutMs: 2500, phases: { headersMs: 1000, idleMs: 1000 } };

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** A server that speaks HTTP/2, and HTTP/1 to those who want it. */
async function serve(
  act: (stream: ServerHttp2Stream, path: string) => void,
): Promise<{ host: string; sessions: () => number }> {
  const server: Http2SecureServer = createSecureServer({ key: TEST_KEY, cert: TEST_CERTIFICATE, allowHTTP1: true });
  const open = new Set<ServerHttp2Session>();
  let sessions = 0;
  server.on('session', (session) => {
    sessions += 1;
    open.add(session);
    session.on('error', () => undefined).on('close', () => open.delete(session));
  });
  server.on('request', (request, response) => {
    if (request.httpVersion === '1.1') response.end('by HTTP/1');
  });
  server.on('stream', (stream, headers) => {
    stream.on('error', () => undefined);
    act(stream, String(headers[':path']));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => {
    for (const session of open) session.destroy();
    server.close();
  });
  return { host: `127.0.0.1:${(server.address() as AddressInfo).port}`, sessions: () => sessions };
}

function clientOf(host: string, options: Partial<GuardedFetchOptions> = {}): GuardedClient {
  const fetch = createGuardedFetch({
    allowPrivate: [host],
    userAgent: 'test',
    ca: TEST_CERTIFICATE,
    maxBodyBytes: 1_000_000,
    ...options,
  });
  closing.push(() => fetch.close());
  return fetch;
}

const failure = (fetched: Promise<unknown>): Promise<string> =>
  fetched.then(
    () => 'resolved',
    (error: Error) => error.name,
  );

describe('HTTP/2', () => {
  it('is spoken where both can, over connections that are kept', async () => {
    const { host, sessions } = await serve((stream, path) => {
      stream.respond({ ':status': path === '/none' ? 404 : 200, 'set-cookie': ['a=1', 'b=2'] });
      stream.end(`at ${path}`);
    });
    const fetch = clientOf(host);
    for (let number = 0; number < 200; number++) {
      const page = await fetch(`https://${host}/${number}?q=1`);
      expect([page.status, Buffer.from(page.body).toString()]).toEqual([200, `at /${number}?q=1`]);
    }
    expect((await fetch(`https://${host}/none`)).headers['set-cookie']).toBe('a=1, b=2');
    expect(sessions()).toBe(1);
    await Promise.all(Array.from({ length: 100 }, (_, number) => fetch(`https://${host}/${number}`)));
    expect(sessions()).toBeLessThanOrEqual(8);
  });

  it('is not offered where it is set off', async () => {
    const { host } = await serve((stream) => stream.end());
    const page = await clientOf(host, { http2: false })(`https://${host}/`);
    expect(Buffer.from(page.body).toString()).toBe('by HTTP/1');
  });

  it('refuses a certificate that nobody vouches for', async () => {
    const { host } = await serve((stream) => stream.end());
    const fetch = createGuardedFetch({ allowPrivate: [host], userAgent: 'test' });
    closing.push(() => fetch.close());
    expect(await failure(fetch(`https://${host}/`))).toBe('FetchFailed');
  });

  it.each<[string, string, (stream: ServerHttp2Stream) => void]>([
    [
      'a body without end',
      'BodyTooLarge',
      (stream) => {
        stream.respond({ ':status': 200 });
        const more = (): void => {
          while (!stream.destroyed && stream.write(Buffer.alloc(16_384)));
          if (!stream.destroyed) stream.once('drain', more);
        };
        more();
      },
    ],
    [
      'a length that is too much',
      'BodyTooLarge',
      (stream) => stream.respond({ ':status': 200, 'content-length': 99_999_999 }),
    ],
    [
      'a bomb',
      'BodyTooLarge',
      (stream) => {
        stream.respond({ ':status': 200, 'content-encoding': 'br' });
        stream.end(BOMB);
      },
    ],
    [
      '500 headers',
      'FetchFailed',
      (stream) => {
        stream.respond({
          ':status': 200,
          ...Object.fromEntries(Array.from({ length: 500 }, (_, n) => [`x${n}`, 'y'])),
        });
        stream.end();
      },
    ],
    [
      'a header of 60 KB',
      'HeadersTooLarge',
      (stream) => {
        stream.respond({ ':status': 200, x: 'a'.repeat(60_000) });
        stream.end();
      },
    ],
    ['silence', 'FetchTimeout', () => undefined],
    [
      'a body that stops',
      'FetchTimeout',
      (stream) => {
        stream.respond({ ':status': 200 });
        stream.write('begun');
      },
    ],
    [
      'a body that drips',
      'FetchTimeout',
      (stream) => {
        stream.respond({ ':status': 200 });
        const timer = setInterval(() => stream.write('a'), 20);
        stream.on('close', () => clearInterval(timer));
      },
    ],
    ['reset at once', 'FetchFailed', (stream) => stream.close(8)],
    ['refused at once', 'FetchFailed', (stream) => stream.close(7)],
    ['the session gone at once', 'FetchFailed', (stream) => stream.session?.destroy()],
    [
      'the session gone within a body',
      'FetchFailed',
      (stream) => {
        stream.respond({ ':status': 200 });
        stream.write('begun', () => stream.session?.destroy());
      },
    ],
    [
      'another type',
      'ContentTypeRefused',
      (stream) => {
        stream.respond({ ':status': 200, 'content-type': 'video/mp4' });
        stream.write('begun');
      },
    ],
    [
      'a way to a private address',
      'AddressRefused',
      (stream) => {
        stream.respond({ ':status': 302, location: 'http://10.0.0.1/' });
        stream.end();
      },
    ],
    [
      'interim answers without end',
      'FetchTimeout',
      (stream) => {
        const timer = setInterval(() => stream.additionalHeaders({ ':status': 103, link: '</x>' }), 5);
        stream.on('close', () => clearInterval(timer));
      },
    ],
  ])('%s ends with %s', async (_, expected, act) => {
    const { host } = await serve(act);
    expect(
      await failure(
        clientOf(host, expected === 'FetchTimeout' ? SOON : {})(`https://${host}/`, { accepts: ['text/html'] }),
      ),
    ).toBe(expected);
  });

  it.each([
    [2, '88'],
    // Node reports these two as an end: then only a stated length (here 10) tells.
    [0, '885c023130'],
    [8, '885c023130'],
  ])('a body that is cut off with code %i is not taken for whole', async (code, head) => {
    const reset = Buffer.alloc(4);
    reset.writeUInt32BE(code);
    const server = await listenHostileTls(
      (socket) => {
        socket.write(frame(4, 0, 0, Buffer.alloc(0)));
        socket.write(frame(1, 4, 1, Buffer.from(head, 'hex')));
        socket.write(frame(0, 0, 1, Buffer.from('begun')));
        setTimeout(() => socket.write(frame(3, 0, 1, reset)), 50);
      },
      ['h2'],
    );
    closing.push(() => server.close());
    expect(await failure(clientOf(server.host)(`https://${server.host}/`))).toBe('FetchFailed');
  });

  it.each<[string, (socket: Socket) => void]>([
    ['settings', (socket) => forever(socket, frame(4, 0, 0, Buffer.from('000300000064', 'hex')))],
    ['pings', (socket) => forever(socket, frame(6, 0, 0, Buffer.alloc(8)))],
    ['resets of streams that are not there', (socket) => forever(socket, frame(3, 0, 99, Buffer.alloc(4)))],
    ['resets of the stream', (socket) => forever(socket, frame(3, 0, 1, Buffer.from('00000008', 'hex')))],
    ['window updates', (socket) => forever(socket, frame(8, 0, 0, Buffer.from('00000001', 'hex')))],
    [
      'continuations without end',
      (socket) => {
        socket.write(frame(1, 0, 1, Buffer.from('88', 'hex')));
        forever(socket, frame(9, 0, 1, Buffer.from(`0001610162`, 'hex')));
      },
    ],
    [
      'a header block that unfolds',
      (socket) => {
        // One entry of 4,000 bytes in the table, named again by single bytes.
        const value = Buffer.alloc(4000, 'a');
        const entry = Buffer.concat([Buffer.from('400161', 'hex'), Buffer.from([0x7f, 0xa1, 0x1e]), value]);
        const block = Buffer.concat([Buffer.from('88', 'hex'), entry, Buffer.alloc(12_000, 0xbe)]);
        forever(socket, frame(1, 4, 1, block));
      },
    ],
    [
      'empty data',
      (socket) => {
        socket.write(frame(1, 4, 1, Buffer.from('88', 'hex')));
        forever(socket, frame(0, 0, 1, Buffer.alloc(0)));
      },
    ],
    ['frames of no kind', (socket) => forever(socket, frame(0xee, 0, 0, Buffer.alloc(1000)))],
    [
      'a frame of 16 MB',
      (socket) => forever(socket, Buffer.concat([Buffer.from('ffffff000000000001', 'hex'), Buffer.alloc(60_000)])),
    ],
    ['pushes', (socket) => forever(socket, frame(5, 4, 1, Buffer.from('0000000288', 'hex')))],
    ['farewells', (socket) => forever(socket, frame(7, 0, 0, Buffer.alloc(8)))],
    ['HTTP/1 in answer to HTTP/2', (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok')],
    ['bytes of chance', (socket) => forever(socket, Buffer.from([...Array(4096).keys()]))],
  ])('a flood of %s ends', async (title, act) => {
    const server = await listenHostileTls(
      (socket) => {
        if (!title.startsWith('HTTP/1')) socket.write(frame(4, 0, 0, Buffer.alloc(0)));
        act(socket);
      },
      ['h2'],
    );
    closing.push(() => server.close());
    expect(await failure(clientOf(server.host, SOON)(`https://${server.host}/`))).toMatch(
      /^(FetchFailed|FetchTimeout|HeadersTooLarge)$/,
    );
  });
});

/** A frame of RFC 9113, section 4.1. */
function frame(type: number, flags: number, stream: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}
