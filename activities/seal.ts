import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Signer } from '../src/core/chain.ts';
import { leafHash, merkleRoot } from '../src/core/hash/merkle.ts';
import { canonicalRow } from '../src/core/canonical-row.ts';
import { sha256Hex } from '../src/core/hash/sha256.ts';
import { RECORD_SCHEMA } from '../src/core/manifest.ts';
import { TOOL } from '../src/core/version.ts';
import type { Digest, Manifest } from '../src/core/manifest.ts';
import type { DataRecord } from '../src/core/record.ts';
import type { Outbox, SealedManifest } from '../src/commit/outbox.ts';
import { encodeManifest } from '../src/commit/manifest.ts';
import type { ObjectStore } from '../src/datasets/storage.ts';
import type { ObjectStorage } from '../src/datasets/storage/object-storage.ts';
import { sortRows } from '../src/datasets/row-order.ts';
import { writeShard } from '../src/datasets/shard-writer.ts';
import { readSpool } from '../src/core/spool.ts';
import type { History } from '../src/dedup/history.ts';
import { recordKey } from '../src/dedup/identities.ts';
import type { Frontier } from '../src/scrapers/frontier/frontier.ts';
import { alive } from './alive.ts';
import { putFromStore } from './put-from-store.ts';

export interface SealDeps {
  signer: Signer;
  netuid: number;
  outbox: Outbox;
  history: History;
  store: ObjectStore;
  /** Where others will read the objects; null: the miner's axon serves them from the store. */
  storage: Pick<ObjectStorage, 'putFile'> | null;
  frontier: (job: string) => Frontier;
  /** Folder for shards while they are written. */
  scratch: string;
  /** Microseconds. */
  now: () => number;
  /** Tells that a seal goes on: one that is only slow must not be begun a second time beside itself. */
  heartbeat: (progress: unknown) => void;
  /** Counts what was sealed. */
  onSealed?: (job: string, rows: number, duplicates: number) => void;
}

export interface SealResult {
  /** What this call sealed; null when there was nothing new, or another try at the same seal was done first. */
  manifest: Digest | null;
  /** Rows in it. */
  rows: number;
  duplicates: number;
  /** Every manifest that waits for its commitment, those of earlier calls too: a call cut off after its last step left one. */
  waiting: Pick<SealedManifest, 'digest' | 'seq'>[];
}

export type SealActivities = ReturnType<typeof createSealActivities>;

export function createSealActivities(deps: SealDeps) {
  return {
    /**
     * Makes one shard and manifest of a job's waiting batches, less the rows this miner has sealed before. Cut off anywhere and run
     * again, it seals the same batches; no row is lost or sealed twice. What waits for its commitment is then in the storage too, privately.
     */
    async sealManifest(input: { job: string }): Promise<SealResult> {
      return await alive(
        () => deps.heartbeat({ sealing: input.job }),
        () => seal(deps, input),
      );
    },
  };
}

async function seal(deps: SealDeps, input: { job: string }): Promise<SealResult> {
  const frontier = deps.frontier(input.job);
  const begun = await deps.outbox.begin(input.job, () => frontier.pendingBatches());
  if (begun === null) return await sealedNothing(deps);
  const { batches } = begun;
  const scraped: DataRecord[] = [];
  for (const batch of batches) scraped.push(...readSpool(await deps.store.get(batch)));
  const name = sha256Hex(batches.join('\n'));
  const rows = await unseenRows(deps.history, scraped, name);
  const duplicates = scraped.length - rows.length;
  const manifest = rows.length === 0 ? null : await sealRows(deps, rows, [input.job]);
  await deps.history.add(
    rows.map((row) => recordKey(row.id)),
    name,
  );
  // Batches go first: a seal cut off between the two calls begins again with the same list and finds the same rows.
  await frontier.dropBatches(batches);
  const isFirst = await deps.outbox.finish(begun, manifest, { rows: rows.length, duplicates });
  // Another try at the same seal was faster: its manifest is the one that waits.
  if (!isFirst) return await sealedNothing(deps);
  await draftWaiting(deps);
  deps.onSealed?.(input.job, rows.length, duplicates);
  const sealed = { manifest: manifest?.digest ?? null, rows: rows.length, duplicates };
  return { ...sealed, waiting: await uncommitted(deps.outbox) };
}

async function sealedNothing(deps: SealDeps): Promise<SealResult> {
  await draftWaiting(deps);
  return { manifest: null, rows: 0, duplicates: 0, waiting: await uncommitted(deps.outbox) };
}

async function uncommitted(outbox: Outbox): Promise<SealResult['waiting']> {
  return (await outbox.waiting()).map(({ digest, seq }) => ({ digest, seq }));
}

/** After the seal, and for all that wait: storage that is away keeps nothing from being sealed, and the next seal catches up. */
async function draftWaiting({ outbox, store, storage }: SealDeps): Promise<void> {
  if (storage === null) return;
  for (const { objects } of await outbox.waiting()) {
    for (const object of objects) await putFromStore({ store, storage }, object);
  }
}

/** The newest of each id, in id order, that no earlier seal had. */
async function unseenRows(history: History, scraped: readonly DataRecord[], seal: string): Promise<DataRecord[]> {
  const newest = new Map<string, DataRecord>();
  for (const row of scraped) {
    const other = newest.get(row.id);
    if (other === undefined || other.scraped_at < row.scraped_at) newest.set(row.id, row);
  }
  const rows = sortRows([...newest.values()]);
  const unseen = await history.unseen(
    rows.map((row) => recordKey(row.id)),
    seal,
  );
  return rows.filter((_, index) => unseen[index]);
}

/** Writes sorted, unique rows as a shard and the manifest that follows the newest one, both stored privately. */
export async function sealRows(
  deps: Pick<SealDeps, 'signer' | 'netuid' | 'outbox' | 'store' | 'scratch' | 'now'>,
  rows: readonly DataRecord[],
  jobs: readonly string[],
): Promise<SealedManifest> {
  const folder = await mkdtemp(join(deps.scratch, 'seal-'));
  try {
    const path = join(folder, 'shard.parquet');
    const shard = await writeShard(rows, path);
    await deps.store.putFile(path);
    const head = await deps.outbox.head();
    const manifest: Manifest = {
      version: 1,
      netuid: deps.netuid,
      hotkey: deps.signer.address,
      seq: head === null ? 0 : head.seq + 1,
      previous: head?.digest ?? null,
      created_at: deps.now(),
      sources: [...new Set(rows.map((row) => row.source))].sort(),
      jobs: [...jobs],
      shards: [shard],
      rows: shard.rows,
      rows_root: merkleRoot(rows.map((row) => leafHash(canonicalRow(row)))),
      schema: RECORD_SCHEMA,
      tool: TOOL,
    };
    const digest = await deps.store.put(new TextEncoder().encode(encodeManifest(manifest)));
    return { digest, seq: manifest.seq, rows: manifest.rows, objects: [digest, shard.sha256] };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
