/**
 * How fast and how small owners are, against pipelined SET NX of the same keys in the same run, in turns:
 *   node --import tsx test/bench/owners.bench.ts [--rows 1000000] [--json], a key to a row
 * The ceiling is the script's own calls, encoded before the clock starts and written to a bare socket.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { Redis } from 'ioredis';
import type { Claim } from '../../src/core/claim.ts';
import { createOwners } from '../../src/dedup/owners.ts';
import { inPartitions, partitionPrefix } from '../../src/dedup/partitions.ts';
import { placeOfClaim } from '../../src/dedup/place.ts';
import { startRedisServers } from '../support/redis-servers.ts';
import { runBench } from './bench-args.ts';
import type { BenchLine } from './lines.ts';
import { timed, usedBytes } from './measures.ts';

/** Keys of one claim, as many as a hotkey may commit in an epoch. */
const PER_CLAIM = 50_000;
const PIPELINE = 500;
/** Keys up to which all ways take turns. */
const COMPARED = 1_000_000;
const hotkey = '5C4hrfjw9DjXZTzV3MwzrrAr9P1MJhSrvWGWqi1eSuyUpnhM';
const servers = await startRedisServers(1);
const redis = new Redis(servers.ports[0]!, '127.0.0.1');
const owners = createOwners({ redis, hotkey, renewedAfterBlocks: 216_000 });

const keysFrom = (start: number): Buffer[] =>
  Array.from({ length: PER_CLAIM }, (_, at) =>
    createHash('sha256')
      .update(`k${start + at}`)
      .digest()
      .subarray(0, 16),
  );
const claimOf = (start: number): Claim => ({ block: 7_000_000 + start / PER_CLAIM, event: 37, hotkey, registered: 1 });

async function setNx(keys: readonly Buffer[], owner: string): Promise<void> {
  for (let at = 0; at < keys.length; at += PIPELINE) {
    const pipeline = redis.pipeline();
    for (const key of keys.slice(at, at + PIPELINE)) pipeline.setnx(Buffer.concat([SETNX_PREFIX, key]), owner);
    await pipeline.exec();
  }
}
const SETNX_PREFIX = Buffer.from('n:');

/** Writes encoded commands and counts replies, all of which are one integer line. */
async function rawSocket(encoded: Buffer, replies: number): Promise<void> {
  const socket = connect(servers.ports[0]!, '127.0.0.1');
  let seen = 0;
  await new Promise<void>((resolve, reject) => {
    socket.on('data', (data) => {
      for (const byte of data) if (byte === 10) seen += 1;
      if (seen >= replies) resolve();
    });
    socket.on('error', reject);
    socket.write(encoded);
  });
  socket.destroy();
}

const script = readFileSync(new URL('../../src/dedup/commands/claim-keys.lua', import.meta.url), 'utf8');
const sha = String(await redis.script('LOAD', script));
function encodeCalls(keys: readonly Buffer[], claim: Claim): { encoded: Buffer; replies: number } {
  const parts: Buffer[] = [];
  const bulk = (value: string | Buffer): void => {
    const bytes = Buffer.from(value);
    parts.push(Buffer.from(`$${bytes.length}\r\n`), bytes, Buffer.from('\r\n'));
  };
  let replies = 0;
  for (const calls of inPartitions(keys)) {
    for (const { partition, fields } of calls) {
      parts.push(Buffer.from('*7\r\n'));
      for (const value of ['EVALSHA', sha, '1', partitionPrefix('raw', 'record', partition)]) bulk(value);
      bulk(placeOfClaim(claim));
      bulk(fields);
      bulk('');
      replies += 1;
    }
  }
  return { encoded: Buffer.concat(parts), replies };
}

async function measure(total: number): Promise<BenchLine[]> {
  const spent = { claim: 0, again: 0, setNx: 0, raw: 0, read: 0 };
  const lines: BenchLine[] = [];
  let ownBytes = 0;
  await owners.text.claim(keysFrom(-PER_CLAIM).slice(0, 5000), claimOf(0));
  await redis.flushall();
  for (let start = 0; start < total; start += PER_CLAIM) {
    const keys = keysFrom(start);
    const claim = claimOf(start);
    const before = await usedBytes(redis);
    const claimMs = await timed(() => owners.record.claim(keys, claim));
    ownBytes += (await usedBytes(redis)) - before;
    const held = start + PER_CLAIM;
    if (MARKS.has(held) || held >= total) {
      const name = `bytes a key at ${held.toLocaleString('en')} keys`;
      lines.push({ name, unit: 'bytes', ours: ownBytes / held, peer: null, peerName: '', target: 32, isLimit: true });
    }
    // Beyond a million only ours goes on: the peer takes four times the memory.
    if (start >= COMPARED) continue;
    spent.claim += claimMs;
    spent.setNx += await timed(() => setNx(keys, String(start)));
    const { encoded, replies } = encodeCalls(keys, claim);
    spent.raw += await timed(() => rawSocket(encoded, replies));
    spent.again += await timed(() => owners.record.claim(keys, claim));
    spent.read += await timed(() => owners.record.owns(keys, claim));
  }
  const compared = Math.min(total, COMPARED);
  const perSecond = (ms: number): number => (compared / ms) * 1000;
  const line = { unit: 'keys/s', peer: perSecond(spent.setNx), peerName: 'SETNX pipeline', target: null };
  return [
    { ...line, name: 'ownership claims', ours: perSecond(spent.claim), target: 1 },
    { ...line, name: 'the same claims on a bare socket', ours: perSecond(spent.raw) },
    { ...line, name: 'claims once more', ours: perSecond(spent.again) },
    { ...line, name: 'asking who owns', ours: perSecond(spent.read) },
    ...lines,
  ];
}
const MARKS = new Set([1_000_000, 3_000_000, 10_000_000, 30_000_000]);

try {
  await runBench(1_000_000, measure);
} finally {
  redis.disconnect();
  await servers.stop();
}
