import { randomUUID } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { once } from 'node:events';
import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { cryptoWaitReady } from '@polkadot/util-crypto';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { sha256Hex } from '../../src/core/hash/sha256.ts';
import { signRequest } from '../../src/net/epistula.ts';
import { startObjectServer } from '../../src/net/object-server.ts';
import { createPlaces, createRateLimiter } from '../../src/net/object-server-limits.ts';
import type { ObjectServer, ObjectServerOptions } from '../../src/net/object-server.ts';
import { memorySeenIds, signerOf } from './peers.ts';

const OBJECT = Buffer.from('forty-two rows');
const DIGEST = sha256Hex(OBJECT);

let server: ObjectServer | undefined;
const logged: string[] = [];

async function start(over: Partial<ObjectServerOptions> = {}): Promise<ObjectServer> {
  server = await startObjectServer({
    host: '127.0.0.1',
    port: 0,
    hotkey: signerOf('//miner').address,
    seen: memorySeenIds(),
    mayServe: (_digest, caller) =>
      Promise.resolve(
        caller === signerOf('//validator').address
          ? { allowed: true }
          : { allowed: false, reason: 'no validator permit', status: 403 },
      ),
    open: (digest) =>
      Promise.resolve(digest === DIGEST ? { stream: Readable.from([OBJECT]), sizeBytes: OBJECT.length } : null),
    log: (message, details) => logged.push(`${message} ${JSON.stringify(details)}`),
    ...over,
  });
  return server;
}

interface Ask {
  uri?: string;
  body?: string;
  headers?: Record<string, string>;
}

async function ask({ port }: ObjectServer, { uri = '//validator', body, headers }: Ask = {}): Promise<Response> {
  const bytes = Buffer.from(body ?? JSON.stringify({ digest: DIGEST }));
  const receiver = signerOf('//miner').address;
  const signed = await signRequest({ body: bytes, signer: signerOf(uri), receiver, now: Date.now, uuid: randomUUID });
  return fetch(`http://127.0.0.1:${port}/v1/objects`, { method: 'POST', body: bytes, headers: headers ?? signed });
}

async function outcome(response: Response): Promise<string> {
  const { error } = (await response.json()) as { error: string };
  return `${response.status} ${error}`;
}

beforeAll(() => cryptoWaitReady());
afterEach(async () => {
  await server?.close();
  server = undefined;
  logged.length = 0;
});

describe('object server', () => {
  it('serves the bytes to a caller that may have them', async () => {
    const response = await ask(await start());
    expect(response.status).toBe(200);
    expect(response.headers.get('content-length')).toBe(String(OBJECT.length));
    expect(Buffer.from(await response.arrayBuffer()).equals(OBJECT)).toBe(true);
  });

  it('answers /health unsigned', async () => {
    const { port } = await start();
    const response = await fetch(`http://127.0.0.1:${port}/health`);
    expect(await response.json()).toEqual({ status: 'ok', hotkey: signerOf('//miner').address });
  });

  it('refuses, each with its status and word', async () => {
    const running = await start();
    expect(await outcome(await ask(running, { uri: '//stranger' }))).toBe('403 not_served');
    expect(await outcome(await ask(running, { headers: {} }))).toBe('400 malformed');
    expect(await outcome(await ask(running, { body: JSON.stringify({ digest: sha256Hex('none') }) }))).toBe(
      '404 not_found',
    );
    for (const body of ['', 'null', '{"digest":1}', `{"digest":"${DIGEST.toUpperCase()}"}`, '{"digest":"../x"}']) {
      expect(await outcome(await ask(running, { body }))).toBe('400 malformed');
    }
    expect(await outcome(await ask(running, { body: 'x'.repeat(4097) }))).toBe('413 too_large');
    const base = `http://127.0.0.1:${running.port}`;
    expect(await outcome(await fetch(`${base}/v1/objects`))).toBe('405 method');
    expect(await outcome(await fetch(`${base}/elsewhere`))).toBe('404 unknown_path');
  });

  it('says so where a body of no stated length grows too large', async () => {
    const { port } = await start();
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const sent = httpRequest({ host: '127.0.0.1', port, path: '/v1/objects', method: 'POST' }, (response) => {
        resolve(response.statusCode);
        sent.destroy();
      });
      sent.on('error', reject);
      sent.write('x'.repeat(100_000));
    });
    expect(status).toBe(413);
  });

  it('refuses a replayed request', async () => {
    const running = await start();
    const body = JSON.stringify({ digest: DIGEST });
    const receiver = signerOf('//miner').address;
    const signer = signerOf('//validator');
    const headers = await signRequest({ body: Buffer.from(body), signer, receiver, now: Date.now, uuid: randomUUID });
    expect((await ask(running, { body, headers })).status).toBe(200);
    expect(await outcome(await ask(running, { body, headers }))).toBe('401 replayed');
  });

  it('serves nothing, and tells nothing of the inside, while used ids cannot be looked up', async () => {
    const running = await start({ seen: { firstUse: () => Promise.reject(new Error('redis 10.0.0.7 down')) } });
    const response = await ask(running);
    expect(response.headers.get('retry-after')).toBe('1');
    const text = await response.text();
    expect(text).toContain('unavailable');
    expect(text).not.toContain('10.0.0.7');
    expect(logged.join()).toContain('10.0.0.7');
  });

  it('limits a caller, not the others', async () => {
    const mayServe = () => Promise.resolve({ allowed: true } as const);
    const running = await start({ mayServe, limits: { requestsPerMinute: 2 }, now: fixed(Date.now()) });
    expect((await ask(running)).status).toBe(200);
    expect((await ask(running)).status).toBe(200);
    expect(await outcome(await ask(running))).toBe('429 rate_limited');
    expect((await ask(running, { uri: '//other' })).status).toBe(200);
  });

  it('limits an address that sends rubbish', async () => {
    const running = await start({ limits: { requestsPerMinutePerAddress: 1 }, now: fixed(Date.now()) });
    expect(await outcome(await ask(running, { headers: {} }))).toBe('400 malformed');
    expect(await outcome(await ask(running, { headers: {} }))).toBe('429 rate_limited');
  });

  it('bounds what is under way, in all and for one caller', async () => {
    const held: Readable[] = [];
    const running = await start({
      mayServe: () => Promise.resolve({ allowed: true }),
      open: () => {
        const stream = new Readable({ read: () => undefined });
        stream.push(Buffer.alloc(5));
        held.push(stream);
        return Promise.resolve({ stream, sizeBytes: 10 });
      },
      limits: { maxConcurrent: 2, maxConcurrentPerCaller: 1 },
    });
    const first = await ask(running);
    expect(await outcome(await ask(running))).toBe('429 too_many');
    const second = await ask(running, { uri: '//b' });
    expect(await outcome(await ask(running, { uri: '//c' }))).toBe('503 busy');
    for (const stream of held) {
      stream.push(Buffer.alloc(5));
      stream.push(null);
    }
    expect((await first.arrayBuffer()).byteLength + (await second.arrayBuffer()).byteLength).toBe(20);
    const third = await ask(running, { uri: '//c' });
    expect(third.status).toBe(200);
    await third.body?.cancel();
  });

  it('cuts off a client that does not take its bytes, and frees the place', async () => {
    const running = await start({
      open: () => Promise.resolve({ stream: endless(), sizeBytes: 2 ** 32 }),
      limits: { maxConcurrent: 1, minBytesPerSecond: 2 ** 32, graceMs: 100 },
    });
    const response = await ask(running);
    // Nothing is read until the server has given up.
    await expect.poll(() => logged.join(), { timeout: 10_000 }).toContain('too slow');
    await expect(response.arrayBuffer()).rejects.toThrow();
    const next = await ask(running);
    expect(next.status).toBe(200);
    await next.body?.cancel();
  });

  it('breaks off when the object is not as long as it should be', async () => {
    for (const sizeBytes of [OBJECT.length - 1, OBJECT.length + 1]) {
      const running = await start({ open: () => Promise.resolve({ stream: Readable.from([OBJECT]), sizeBytes }) });
      await expect(ask(running).then((response) => response.arrayBuffer())).rejects.toThrow();
      await running.close();
    }
  });

  it('drops a client that never finishes its request, and surplus connections', async () => {
    const running = await start({ limits: { requestTimeoutMs: 200, maxConnectionsPerAddress: 1 } });
    const slow = connect(running.port, '127.0.0.1');
    slow.on('error', () => undefined);
    slow.resume();
    await once(slow, 'connect');
    slow.write('POST /v1/objects HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nx');
    const surplus = connect(running.port, '127.0.0.1');
    surplus.on('error', () => undefined);
    surplus.resume();
    await once(surplus, 'close');
    await once(slow, 'close');
    expect((await fetch(`http://127.0.0.1:${running.port}/health`)).status).toBe(200);
  });

  it('says so when the port is taken', async () => {
    const { port } = await start();
    const second = startObjectServer({
      host: '127.0.0.1',
      port,
      hotkey: signerOf('//miner').address,
      seen: memorySeenIds(),
      mayServe: () => Promise.resolve({ allowed: true }),
      open: () => Promise.resolve(null),
      log: () => undefined,
    });
    await expect(second).rejects.toMatchObject({ name: 'PortTaken', details: { port } });
  });
});

describe('limits', () => {
  it('refills a bucket with time, up to its size', () => {
    let nowMs = 0;
    const take = createRateLimiter(2, () => nowMs);
    expect([take('a'), take('a'), take('a'), take('b')]).toEqual([true, true, false, true]);
    nowMs += 30_000;
    expect([take('a'), take('a')]).toEqual([true, false]);
    nowMs += 3_600_000;
    expect([take('a'), take('a'), take('a')]).toEqual([true, true, false]);
  });

  it('gives a place back', () => {
    const take = createPlaces(2, 1);
    const leave = take('a');
    expect(take('a')).toBe('name');
    expect(typeof take('b')).toBe('function');
    expect(take('c')).toBe('all');
    if (typeof leave === 'function') leave();
    expect(typeof take('a')).toBe('function');
  });
});

function fixed(nowMs: number): () => number {
  return () => nowMs;
}

function endless(): Readable {
  const chunk = Buffer.alloc(65_536);
  return new Readable({
    read() {
      this.push(chunk);
    },
  });
}
