import { join } from 'node:path';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { createCollectActivities } from '../../activities/collect.ts';
import type { CollectDeps } from '../../activities/collect.ts';
import type { GetObject } from '../../activities/object-sources.ts';
import type { JudgedCommits, ManifestCommit } from '../../src/commit/judged-commits.ts';
import { encodeManifest } from '../../src/commit/manifest.ts';
import type { Claim } from '../../src/core/claim.ts';
import { messageOf, SeineError } from '../../src/core/errors.ts';
import type { Manifest } from '../../src/core/manifest.ts';
import { createFileStore } from '../../src/datasets/storage.ts';
import { writeShard } from '../../src/datasets/shard-writer.ts';
import { sampleRecords } from '../datasets/records.ts';
import { tempDir } from '../datasets/temp-dir.ts';
import { exampleManifest, HOTKEY } from './support/example-manifest.ts';

/*
 * A commitment that anchors several manifests: all of them are claimed at its block and event, or none of them.
 */

const dir = tempDir();
const store = createFileStore(join(dir, 'objects'));
const records = sampleRecords(40);
const OTHER = '5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty';

interface Sealed {
  digest: string;
  manifest: Manifest;
}

/** Writes a manifest of ten rows, and its shard. */
async function seal(seq: number, previous: string | null, changes: Partial<Manifest> = {}): Promise<Sealed> {
  const rows = records.slice((seq % 4) * 10, (seq % 4) * 10 + 10);
  const path = join(dir, `shard-${seq}.parquet`);
  const shard = await writeShard(rows, path);
  await store.putFile(path);
  const own = { seq, previous, shards: [shard], rows: shard.rows, rows_root: shard.rows_root };
  const manifest = exampleManifest({ ...own, ...changes });
  return { digest: await store.put(new TextEncoder().encode(encodeManifest(manifest))), manifest };
}

async function chainOf(from: number, to: number, previous: string | null): Promise<Sealed[]> {
  const found: Sealed[] = [];
  for (let seq = from; seq <= to; seq++) found.push(await seal(seq, found.at(-1)?.digest ?? previous));
  return found;
}

const lasting = (): SeineError =>
  new SeineError('ManifestInvalid', 'of another hotkey', { details: { reason: 'manifest_signer' } });

const BASE = { digest: 'e'.repeat(64), seq: 4, block: 10 };
let claims: { table: string; keys: number; claim: Claim }[];
let judged: unknown[];
let described: unknown[];
let kept: unknown[];
let mayClaim: Promise<void>;
/** The newest final block. */
let head: number;

function commitOf({ digest, manifest }: Sealed): ManifestCommit {
  const place = { netuid: 1, hotkey: HOTKEY, registered: 3, uid: 1, block: 50, blockHash: '0x01', event: 2 };
  return { ...place, manifest: digest, seq: manifest.seq, rows: manifest.rows, locator: '' };
}

// Only what the store has can be had.
const fromStore: GetObject = async ({ digest }) => void (await store.get(digest));

function activities(getObject = fromStore) {
  const table = (name: string) => ({
    async claim(keys: readonly Buffer[], claim: Claim) {
      await mayClaim;
      claims.push({ table: name, keys: keys.length, claim });
    },
  });
  const deps = {
    ...{
      netuid: 1,
      store,
      fetchDeadlineBlocks: 20,
      maxUnanchored: 8,
      allowanceRows: 1000,
      allowanceBytes: 1e6,
      heartbeat: () => undefined,
    },
    getObject,
    mirror: {
      keep: (digests: readonly string[], block: number) => Promise.resolve(void kept.push({ digests, block })),
      expire: () => Promise.resolve([]),
    } satisfies CollectDeps['mirror'],
    chain: {
      finalized: () => Promise.resolve({ number: head, hash: '0x02' }),
      timestamp: () => Promise.resolve(1_800_000_000_000_000),
    },
    index: {
      anchoredBefore: () => Promise.resolve(BASE),
      gaps: { touch: () => Promise.resolve(false) },
      describe: (_: unknown, found: unknown) => Promise.resolve(void described.push(found)),
    },
    judged: { judge: (_, judgement) => Promise.resolve(void judged.push(judgement)) } satisfies Partial<JudgedCommits>,
    owners: { record: table('record'), text: table('text'), media: table('media') },
    wanted: { version: 1, jobs: [{ id: 'docs', source: 'web', hosts: ['docs.example'] }] },
    canonicalId: (row: { url: string }) => `web:${row.url}`,
  };
  return createCollectActivities(deps as unknown as CollectDeps);
}

beforeEach(() => {
  claims = [];
  judged = [];
  described = [];
  kept = [];
  mayClaim = Promise.resolve();
  // Long past the deadline: what can't be had is void at once.
  head = 1000;
});

describe('a commitment that anchors several manifests', () => {
  it('claims the rows of all of them at its own block and event', async () => {
    const sealed = await chainOf(5, 7, BASE.digest);
    const commit = commitOf(sealed[2] as Sealed);
    const digests = sealed.map(({ digest }) => digest);
    expect(await activities().fetchCommit({ commit })).toEqual({ status: 'fetched', manifests: digests });
    const judgement = await activities().claimCommit({ commit, manifests: digests });
    const shards = sealed.flatMap(({ manifest }) => manifest.shards);
    expect(judgement).toEqual({ status: 'accepted', shards, rejected: {} });
    expect(judged).toEqual([judgement]);
    expect(claims.map(({ table, keys }) => [table, keys])).toEqual([
      ['record', 30],
      ['text', expect.any(Number) as number],
      ['media', expect.any(Number) as number],
    ]);
    const claim = { block: 50, event: 2, hotkey: HOTKEY, registered: 3 };
    expect(claims.map((item) => item.claim)).toEqual([claim, claim, claim]);
    expect(described).toEqual([{ sources: ['web'], carries: digests.slice(0, 2) }]);
    expect(kept).toEqual([{ digests, block: 50 }]);
  });

  it.each([
    ['manifest_chain', 'a tenth manifest', () => chainOf(5, 14, BASE.digest)],
    ['manifest_link', 'another way than from the last anchored one', () => chainOf(5, 6, 'd'.repeat(64))],
    [
      'manifest_signer',
      'a manifest of another hotkey',
      async () => {
        const foreign = await seal(5, BASE.digest, { hotkey: OTHER });
        return [await seal(6, foreign.digest)];
      },
    ],
    [
      'manifest_link',
      'a seq left out',
      async () => {
        const first = await seal(5, BASE.digest);
        return [await seal(7, first.digest)];
      },
    ],
    [
      'allowance',
      'more bytes than the allowance',
      async () => {
        const large = { sha256: 'a'.repeat(64), bytes: 2e6, rows: 10, rows_root: 'b'.repeat(64) };
        const shards = [{ ...large, min_created_at: null, max_created_at: null }];
        return [await seal(5, BASE.digest, { shards, rows_root: large.rows_root })];
      },
    ],
    [
      'allowance',
      'one manifest beyond the allowance',
      async () => {
        const rows = { sha256: 'a'.repeat(64), bytes: 9, rows: 2000, rows_root: 'b'.repeat(64) };
        const shards = [{ ...rows, min_created_at: null, max_created_at: null }];
        const large = await seal(5, BASE.digest, { shards, rows: 2000, rows_root: rows.rows_root });
        return [await seal(6, large.digest)];
      },
    ],
  ])('is rejected as %s with %s, and touches nothing', async (reason, _, make) => {
    const commit = commitOf((await make()).at(-1) as Sealed);
    expect(await activities().fetchCommit({ commit })).toEqual({ status: 'rejected', reason });
    expect([claims, described]).toEqual([[], []]);
  });

  it('is void where one of them can not be had in time', async () => {
    const commit = commitOf(await seal(6, 'f'.repeat(64)));
    expect(await activities().fetchCommit({ commit })).toEqual({ status: 'void', reason: 'previous_missing' });
  });

  it('claims nothing when a row of any of them breaks the format', async () => {
    const good = await seal(5, BASE.digest);
    const [shard] = (await seal(1, 'd'.repeat(64))).manifest.shards;
    if (shard === undefined) throw new Error('a shard is due');
    const lying = { ...shard, rows_root: 'b'.repeat(64) };
    const bad = await seal(6, good.digest, { shards: [lying], rows_root: lying.rows_root });
    const judgement = await activities().claimCommit({ commit: commitOf(bad), manifests: [good.digest, bad.digest] });
    expect(judgement).toEqual({ status: 'rejected', reason: 'rows_root' });
    expect(claims).toEqual([]);
  });
});

describe('a commitment whose bytes can not be had yet', () => {
  it('waits until its deadline, and holds nothing meanwhile', async () => {
    const commit = commitOf(await seal(6, 'f'.repeat(64)));
    head = 70;
    expect(await activities().fetchCommit({ commit })).toEqual({ status: 'waiting', reason: 'previous_missing' });
    head = 71;
    expect(await activities().fetchCommit({ commit })).toEqual({ status: 'void', reason: 'previous_missing' });
  });

  it('keeps others of its hotkey waiting while a try of it goes on, and nobody else', async () => {
    const commit = commitOf(await seal(5, BASE.digest));
    let goOn = (): void => undefined;
    const slow = new Promise<void>((resolve) => (goOn = resolve));
    const collect = activities(async (request) => {
      if (request.hotkey === HOTKEY) await slow;
      await fromStore(request);
    });
    const first = collect.fetchCommit({ commit });
    const second = { commit: { ...commit, block: 51 } };
    expect(await collect.fetchCommit(second)).toEqual({ status: 'waiting', reason: 'one_at_a_time' });
    const other = await collect.fetchCommit({ commit: { ...commit, hotkey: OTHER } });
    expect(other).toEqual({ status: 'rejected', reason: 'manifest_signer' });
    goOn();
    const had = { status: 'fetched', manifests: [commit.manifest] };
    expect([await first, await collect.fetchCommit(second)]).toEqual([had, had]);
  });

  it.each([
    ['is void at its deadline, though a server still sends', (reason: unknown) => reason, { reason: 'too_slow' }],
    ['is rejected for what no later try changes, though it shows late', () => lasting(), { status: 'rejected' }],
    ['is tried again where it was the fault of this machine, whose disk is full', () => new Error('ENOSPC'), null],
  ])('%s', async (_, failure, expected) => {
    const commit = commitOf(await seal(5, BASE.digest));
    vi.useFakeTimers();
    try {
      const collect = activities(({ signal }) => {
        const fails = (reject: (error: unknown) => void): void => reject(failure(signal?.reason));
        return new Promise((_resolve, reject) => signal?.addEventListener('abort', () => fails(reject)));
      });
      const fetched = collect.fetchCommit({ commit }).catch(messageOf);
      await vi.advanceTimersByTimeAsync(5000);
      if (expected === null) expect(await fetched).toBe('ENOSPC');
      else expect(await fetched).toEqual({ status: 'void', reason: 'manifest_signer', ...expected });
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('claims', () => {
  it('wait for another commitment of their hotkey and, if they are large, for another large one', async () => {
    const { digest, manifest } = await seal(5, BASE.digest);
    const foreign = await seal(5, BASE.digest, { hotkey: OTHER });
    const commit = commitOf({ digest, manifest });
    const large = { commit: { ...commit, rows: 6000 }, manifests: [digest] };
    let goOn = (): void => undefined;
    mayClaim = new Promise<void>((resolve) => (goOn = resolve));
    const collect = activities();
    const first = collect.claimCommit(large);
    const waiting = { status: 'waiting', reason: 'one_at_a_time' };
    expect(await collect.claimCommit({ commit: { ...commit, block: 51 }, manifests: [digest] })).toEqual(waiting);
    expect(await collect.claimCommit({ ...large, commit: { ...large.commit, hotkey: OTHER } })).toEqual(waiting);
    const other = collect.claimCommit({ commit: { ...commit, hotkey: OTHER }, manifests: [foreign.digest] });
    goOn();
    expect([(await first).status, (await other).status]).toEqual(['accepted', 'accepted']);
    expect((await collect.claimCommit({ ...large, commit: { ...large.commit, hotkey: OTHER } })).status).toBe(
      'rejected',
    );
  });
});
