import { createServer } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { cryptoWaitReady } from '@polkadot/util-crypto';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { SeineError } from '../../src/core/errors.ts';
import { sha256Hex } from '../../src/core/hash/sha256.ts';
import { fetchObject, fetchObjectToFile } from '../../src/net/object-client.ts';
import type { FetchObjectOptions } from '../../src/net/object-client.ts';
import { startObjectServer } from '../../src/net/object-server.ts';
import { memorySeenIds, signerOf } from './peers.ts';

const OBJECT = Buffer.alloc(300_000, 'row');
const DIGEST = sha256Hex(OBJECT);

let peer: Server | undefined;
let folder: string;

/** A peer that does as the listener says; returns its base. */
async function startPeer(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  peer = server;
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function optionsFor(base: string, over: Partial<FetchObjectOptions> = {}): FetchObjectOptions {
  return {
    base,
    digest: DIGEST,
    maxBytes: 1_000_000,
    receiver: signerOf('//miner').address,
    signer: signerOf('//validator'),
    timeoutMs: 10_000,
    minBytesPerSecond: 1000,
    isAllowedAddress: (address) => address === '127.0.0.1',
    ...over,
  };
}

beforeAll(() => cryptoWaitReady());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'seine-object-'));
});
afterEach(async () => {
  peer?.closeAllConnections();
  peer?.close();
  peer = undefined;
  await rm(folder, { recursive: true });
});

describe('fetching an object', () => {
  it('gets from our server what it asked for, in memory and as a file', async () => {
    const server = await startObjectServer({
      host: '127.0.0.1',
      port: 0,
      hotkey: signerOf('//miner').address,
      seen: memorySeenIds(),
      mayServe: () => Promise.resolve({ allowed: true }),
      open: () => Promise.resolve({ stream: Readable.from([OBJECT]), sizeBytes: OBJECT.length }),
      log: () => undefined,
    });
    try {
      const options = optionsFor(`http://127.0.0.1:${server.port}`);
      expect(OBJECT.equals(await fetchObject(options))).toBe(true);
      const path = join(folder, 'shard.parquet');
      expect(await fetchObjectToFile(options, path)).toBe(OBJECT.length);
      expect(OBJECT.equals(await readFile(path))).toBe(true);
      const stranger = fetchObject({ ...options, receiver: signerOf('//other').address });
      await expect(stranger).rejects.toMatchObject({ name: 'PeerRefused', status: 401, reason: 'wrong_receiver' });
    } finally {
      await server.close();
    }
  });

  it('rejects other bytes, and leaves no file', async () => {
    const base = await startPeer((_request, response) => response.end(Buffer.alloc(300_000, 'raw')));
    const error = { name: 'ObjectRejected', reason: 'digest', remedy: 'never' };
    await expect(fetchObject(optionsFor(base))).rejects.toMatchObject(error);
    await expect(fetchObjectToFile(optionsFor(base), join(folder, 'x'))).rejects.toMatchObject(error);
    expect(await readdir(folder)).toEqual([]);
  });

  it('rejects a shorter body that claims to be whole', async () => {
    const base = await startPeer((_request, response) => response.end(OBJECT.subarray(1)));
    await expect(fetchObject(optionsFor(base))).rejects.toMatchObject({ name: 'ObjectRejected', reason: 'digest' });
  });

  it('ends with the reason of an abort, unless something else was wrong', async () => {
    const over = new AbortController();
    const reason = new SeineError('FetchOverdue', 'the deadline is over');
    const base = await startPeer((_request, response) => {
      response.writeHead(200, { 'content-length': OBJECT.length });
      response.write(OBJECT.subarray(0, 1000), () => over.abort(reason));
    });
    await expect(fetchObject({ ...optionsFor(base), signal: over.signal })).rejects.toBe(reason);
    const nowhere = join(folder, 'missing', 'x');
    await expect(fetchObjectToFile({ ...optionsFor(base), signal: over.signal }, nowhere)).rejects.toMatchObject({
      code: 'ENOENT',
    });
  });

  it('is to be tried again when the peer breaks off', async () => {
    const base = await startPeer((_request, response) => {
      response.writeHead(200, { 'content-length': OBJECT.length });
      response.write(OBJECT.subarray(0, 1000), () => response.destroy());
    });
    const error = { name: 'PeerUnreachable', reason: 'connection', remedy: 'retry' };
    await expect(fetchObject(optionsFor(base))).rejects.toMatchObject(error);
  });

  it('rejects an object that is too large, declared or not', async () => {
    const declared = await startPeer((_request, response) => response.end(OBJECT));
    const error = { name: 'ObjectRejected', reason: 'too_large' };
    await expect(fetchObject(optionsFor(declared, { maxBytes: 299_999 }))).rejects.toMatchObject(error);
    let sentBytes = 0;
    peer?.close();
    const endless = await startPeer((_request, response) => {
      Readable.from(
        (function* () {
          for (;;) {
            sentBytes += 10_000;
            yield Buffer.alloc(10_000);
          }
        })(),
      )
        .on('error', () => undefined)
        .pipe(response);
    });
    await expect(fetchObject(optionsFor(endless))).rejects.toMatchObject(error);
    expect(sentBytes).toBeLessThan(50_000_000);
  });

  it('gives up a peer that trickles', { timeout: 20_000 }, async () => {
    const base = await startPeer((_request, response) => {
      response.writeHead(200, { 'content-length': OBJECT.length });
      const timer = setInterval(() => response.write('x'), 100);
      response.on('close', () => {
        clearInterval(timer);
      });
    });
    await expect(fetchObject(optionsFor(base))).rejects.toMatchObject({ name: 'PeerUnreachable', reason: 'too_slow' });
  });

  it('gives up a peer that is silent, and one that is not there', async () => {
    const base = await startPeer(() => undefined);
    const silent = fetchObject(optionsFor(base, { timeoutMs: 200 }));
    await expect(silent).rejects.toMatchObject({ name: 'PeerUnreachable', reason: 'timeout' });
    peer?.closeAllConnections();
    await new Promise((resolve) => peer?.close(resolve));
    await expect(fetchObject(optionsFor(base))).rejects.toMatchObject({
      name: 'PeerUnreachable',
      reason: 'connection',
    });
  });

  it('stops when the caller says so', async () => {
    const base = await startPeer(() => undefined);
    const controller = new AbortController();
    const attempt = fetchObject(optionsFor(base, { signal: controller.signal }));
    controller.abort(new Error('the worker shuts down'));
    await expect(attempt).rejects.toThrow('the worker shuts down');
  });

  it.each([
    [403, '{"error":"not_served","message":"not final yet"}', 'not_served', 'never'],
    [429, '{"error":"rate_limited","message":"slow down"}', 'rate_limited', 'retry'],
    [503, '<html>', 'unknown', 'retry'],
    [200 + 102, '', 'unknown', 'never'],
    [404, `{"error":"${'x'.repeat(10_000)}"}`, 'unknown', 'never'],
  ])('passes on a refusal: %i', async (status, body, reason, remedy) => {
    const base = await startPeer((_request, response) => {
      response.writeHead(status, { location: 'http://127.0.0.1:1/' }).end(body);
    });
    await expect(fetchObject(optionsFor(base))).rejects.toMatchObject({ name: 'PeerRefused', status, reason, remedy });
  });

  it.each([
    'http://10.0.0.1:80',
    'http://[::1]:80',
    'http://localhost:80',
    'https://127.0.0.1:80',
    'http://user@127.0.0.1:80',
    'http://127.0.0.1:80/path',
    'file:///etc/passwd',
    'nonsense',
  ])('asks nobody at %s', async (base) => {
    await expect(fetchObject(optionsFor(base))).rejects.toMatchObject({ name: 'InvalidInput' });
  });

  it('passes on that the disk failed, not that the peer did', async () => {
    const base = await startPeer((_request, response) => response.end(OBJECT));
    await expect(fetchObjectToFile(optionsFor(base), join(folder, 'no', 'x'))).rejects.toMatchObject({
      code: 'ENOENT',
    });
  });
});
