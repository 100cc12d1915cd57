import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { cryptoWaitReady } from '@polkadot/util-crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sha256Hex } from '../../src/core/hash/sha256.ts';
import { signRequest } from '../../src/net/epistula.ts';
import { fetchObject } from '../../src/net/object-client.ts';
import { startObjectServer } from '../../src/net/object-server.ts';
import type { ObjectServer } from '../../src/net/object-server.ts';
import { createSeenIds } from '../../src/net/seen-ids.ts';
import { connectRedis } from '../../src/redis/connect.ts';
import { freePorts } from '../../stack/ports.ts';
import { localRedis, redisUrl } from '../../stack/redis.ts';
import { signerOf } from '../net/peers.ts';
import { useStack } from '../support/stack.ts';

const OBJECT = Buffer.from('rows');
const DIGEST = sha256Hex(OBJECT);

beforeAll(() => cryptoWaitReady());

describe('signed requests and the used ids in Redis', () => {
  let redis: Awaited<ReturnType<typeof connectRedis>>;
  beforeAll(async () => {
    redis = await connectRedis(useStack().redisState);
  });
  afterAll(() => {
    redis.disconnect();
  });

  it('lets an id be used once, by one of many at the same time, for each hotkey', async () => {
    const [own, other] = ['a', 'b'].map((name) => createSeenIds({ redis, hotkey: name + randomUUID(), now: Date.now }));
    const id = randomUUID();
    const uses = await Promise.all(Array.from({ length: 20 }, () => own!.firstUse(id, Date.now() + 5000)));
    expect(uses.filter(Boolean)).toHaveLength(1);
    expect(await other!.firstUse(id, Date.now() + 5000)).toBe(true);
  });

  it('forgets ids, but not before they expire', async () => {
    const hotkey = randomUUID();
    const seen = createSeenIds({ redis, hotkey, now: Date.now });
    await seen.firstUse('id', Date.now() + 5000);
    await seen.firstUse('past', Date.now() - 5000);
    for (const [id, atLeastMs] of [
      ['id', 5000],
      ['past', 0],
    ] as const) {
      const leftMs = await redis.pttl(`seine:{${hotkey}}:seen:${id}`);
      expect(leftMs).toBeGreaterThan(atLeastMs);
      expect(leftMs).toBeLessThan(120_000);
    }
  });

  it('serves and fetches an object with them', async () => {
    const miner = signerOf('//miner');
    const server = await serve(miner.address, redis);
    const bytes = await fetchObject({
      base: `http://127.0.0.1:${server.port}`,
      digest: DIGEST,
      maxBytes: 100,
      receiver: miner.address,
      signer: signerOf('//validator'),
      timeoutMs: 5000,
      minBytesPerSecond: 1,
      isAllowedAddress: () => true,
    });
    expect(OBJECT.equals(bytes)).toBe(true);
    await server.close();
  });
});

describe('a replay after a restart', () => {
  let dir: string;
  let child: ChildProcess | undefined;
  let port: number;

  /** A Redis of this test's own, as the stack would start it, to be killed. */
  async function startRedis(): Promise<void> {
    const part = localRedis('state', dir, process.env);
    const command = part.command([port]);
    mkdirSync(command.cwd, { recursive: true });
    child = spawn(command.executable, command.args, { cwd: command.cwd, env: command.env, stdio: 'ignore' });
    await expect
      .poll(
        () =>
          part.probe([port]).then(
            () => true,
            () => false,
          ),
        { timeout: 30_000 },
      )
      .toBe(true);
  }
  async function killRedis(): Promise<void> {
    if (child?.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'seine-replay-'));
    port = (await freePorts([0]))[0] ?? 0;
  });
  afterAll(async () => {
    await killRedis();
    rmSync(dir, { recursive: true });
  });

  it('is refused though server and Redis were killed in between', async () => {
    const miner = signerOf('//miner').address;
    const body = Buffer.from(JSON.stringify({ digest: DIGEST }));
    const nowMs = Date.now();
    const headers = await signRequest({
      body,
      signer: signerOf('//validator'),
      receiver: miner,
      now: () => nowMs,
      uuid: randomUUID,
    });
    const statuses: number[] = [];
    for (let round = 0; round < 2; round += 1) {
      await startRedis();
      const redis = await connectRedis(redisUrl(port));
      // The server's clock stands still: the request stays fresh however long the restart takes.
      const server = await serve(miner, redis, () => nowMs);
      const response = await fetch(`http://127.0.0.1:${server.port}/v1/objects`, { method: 'POST', body, headers });
      statuses.push(response.status);
      await response.arrayBuffer();
      await server.close();
      redis.disconnect();
      await killRedis();
    }
    expect(statuses).toEqual([200, 401]);
  });
});

function serve(
  hotkey: string,
  redis: Awaited<ReturnType<typeof connectRedis>>,
  now: () => number = Date.now,
): Promise<ObjectServer> {
  return startObjectServer({
    host: '127.0.0.1',
    port: 0,
    hotkey,
    seen: createSeenIds({ redis, hotkey, now }),
    mayServe: () => Promise.resolve({ allowed: true }),
    open: (digest) =>
      Promise.resolve(digest === DIGEST ? { stream: Readable.from([OBJECT]), sizeBytes: OBJECT.length } : null),
    log: () => undefined,
    now,
  });
}
