import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Redis } from 'ioredis';
import { judgedRows } from '../../activities/owned-rows.ts';
import type { JudgedRow } from '../../activities/owned-rows.ts';
import { rebuildIndex } from '../../activities/rebuild-index.ts';
import type { Rebuilt, RebuildDeps } from '../../activities/rebuild-index.ts';
import { mayBePaid, refusalOf } from '../../activities/collect.ts';
import type { JudgedCommit, JudgedCommits, ManifestCommit } from '../../src/commit/judged-commits.ts';
import { createMirror } from '../../src/commit/mirror.ts';
import type { Mirror } from '../../src/commit/mirror.ts';
import { openDevelopmentKey } from '../../src/commit/keys/wallet.ts';
import { logJudgements } from '../../src/commit/verdict-log/logged-judgements.ts';
import { createVerdictLog } from '../../src/commit/verdict-log/verdict-log.ts';
import type { VerdictLog } from '../../src/commit/verdict-log/verdict-log.ts';
import { canonicalJson } from '../../src/core/canonical-json.ts';
import type { Signer } from '../../src/core/chain.ts';
import { sha256Hex } from '../../src/core/hash/sha256.ts';
import type { DataRecord } from '../../src/core/record.ts';
import type { WantedList } from '../../src/core/wanted.ts';
import { sortRows } from '../../src/datasets/row-order.ts';
import { writeShard } from '../../src/datasets/shard-writer.ts';
import { createFileStore } from '../../src/datasets/storage.ts';
import type { ObjectStore } from '../../src/datasets/storage.ts';
import { createOwners } from '../../src/dedup/owners.ts';
import type { Owners } from '../../src/dedup/owners.ts';
import { claimRows, withdrawRows } from '../../src/dedup/row-claims.ts';
import { canonicalizeUrl } from '../../src/scrapers/web/canonical-url.ts';

export const NETUID = 1;

export const WANTED: WantedList = {
  version: 1,
  jobs: [
    {
      ...{ id: 'docs', source: 'web', seeds: [], hosts: ['docs.example'], allow_private: [], max_pages: 9 },
      pool: 'data',
      weight_ppm: 1_000_000,
    },
  ],
};

/** When a block of these tests was made: after the rows of `sampleRecord` were scraped. Microseconds. */
export function blockTimeUs(block: number): number {
  return 1_763_000_100_000_000 + block * 12_000_000;
}

/** Who commits, when. */
export interface Committer {
  hotkey: string;
  registered?: number;
  block: number;
  event?: number;
  uid?: number;
}

/** A validator's judging and owning without a chain: real Redis, store, shards and log. */
export interface TestValidator {
  signer: Signer;
  owners: Owners;
  log: VerdictLog;
  mirror: Mirror;
  store: ObjectStore;
  /** What the judgements of all commits so far were. */
  judged: Map<string, JudgedCommit>;
  /** Judges a commitment of these rows as the product does. */
  take(by: Committer, rows: readonly DataRecord[]): Promise<JudgedCommit>;
  /** Notes that a commitment, or rows of it, do not hold. */
  withdraw(commit: JudgedCommit, rows: readonly DataRecord[] | null, atUs: number): Promise<void>;
  rows(commit: JudgedCommit): Promise<JudgedRow[]>;
  rebuild(changes?: Partial<RebuildDeps>): Promise<Rebuilt>;
}

export async function createTestValidator(options: {
  index: Redis;
  state: Redis;
  dir: string;
  uri: string;
  renewedAfterBlocks?: number;
}): Promise<TestValidator> {
  const { index, state, dir, uri } = options;
  await mkdir(dir, { recursive: true });
  const signer = await openDevelopmentKey({ uri, development: true });
  const store = createFileStore(join(dir, 'objects'));
  const { renewedAfterBlocks = 216_000 } = options;
  const owners = createOwners({ redis: index, hotkey: signer.address, renewedAfterBlocks });
  const log = createVerdictLog({ redis: state, signer, netuid: NETUID });
  const mirror = createMirror({ redis: state, hotkey: signer.address, keptBlocks: 216_000 });
  const judged = new Map<string, JudgedCommit>();
  const plain: JudgedCommits = {
    judge(commit, judgement) {
      judged.set(`${commit.block}-${commit.event}`, { ...commit, judgement });
      return Promise.resolve();
    },
    between: () => Promise.resolve([...judged.values()]),
  };
  const wanted = await store.put(new TextEncoder().encode(canonicalJson(WANTED)));
  const timestamp = (hash: string): Promise<number> => Promise.resolve(blockTimeUs(Number(hash)));
  const logged = logJudgements(plain, { log, mirror, wanted, timestamp });
  const canonicalId = ({ url }: { url: string }): string | null => (canonicalizeUrl(url) === url ? `web:${url}` : null);
  const deps = { store, owners, wanted: WANTED, canonicalId };

  return {
    ...{ signer, owners, log, mirror, store, judged },
    async take({ hotkey, block, registered = 1, event = 0, uid = 3 }, rows) {
      const sorted = sortRows([...rows]);
      const path = join(dir, 'shard.parquet');
      const entry = await writeShard(sorted, path);
      await store.putFile(path);
      const manifest = sha256Hex(`${hotkey}:${block}:${event}:${entry.sha256}`);
      const place = { netuid: NETUID, hotkey, registered, uid, block, blockHash: String(block), event };
      const commit: ManifestCommit = { ...place, manifest, seq: 0, rows: rows.length, locator: '' };
      const valid = sorted.filter((row) => refusalOf(deps, row, blockTimeUs(block)) === null);
      await claimRows(owners, valid, { block, event, hotkey, registered }, mayBePaid(WANTED, blockTimeUs(block)));
      const judgement = { status: 'accepted' as const, shards: [entry], rejected: {} };
      await logged.judge(commit, judgement);
      return { ...commit, judgement };
    },
    async withdraw({ block, event, hotkey, registered }, rows, atUs) {
      const place = { block, event, hotkey, registered };
      const named = rows?.map(({ id }) => ({ id, archived: null })) ?? null;
      await log.append({
        kind: 'withdrawn',
        place,
        rows: named,
        reason: named === null ? 'void' : 'invalid',
        at: atUs,
      });
      if (rows === null) await owners.withdrawClaim(place, atUs);
      else await withdrawRows(owners, rows, place, atUs, mayBePaid(WANTED, blockTimeUs(block)));
    },
    rows: (commit) => judgedRows(deps, commit, blockTimeUs(commit.block)),
    rebuild: (changes = {}) =>
      rebuildIndex({
        ...{ entries: () => log.entries(), store, owners, judged: plain, canonicalId },
        onChain: ({ manifest }) => Promise.resolve(manifest),
        progress: () => undefined,
        ...changes,
      }),
  };
}
