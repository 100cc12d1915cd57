import { join } from 'node:path';
import { rmSync } from 'node:fs';
import type { ManifestCommit } from '../../src/commit/judged-commits.ts';
import { encodeManifest } from '../../src/commit/manifest.ts';
import { sha256Hex } from '../../src/core/hash/sha256.ts';
import type { DataRecord } from '../../src/core/record.ts';
import { writeShard } from '../../src/datasets/shard-writer.ts';
import type { ObjectStore } from '../../src/datasets/storage.ts';
import { exampleManifest } from '../commit/support/example-manifest.ts';
import { benchRecords } from './rows.ts';

export const BENCH_NETUID = 1;
/** Rows of one commitment at most, as many as a hotkey is allowed. */
const PER_COMMIT = 50_000;
const FIRST_BLOCK = 7_000_000;

/** A made-up hotkey, as long as an address and in its letters; the first eight differ. */
export function benchHotkey(number: number): string {
  const digits = Array.from(number.toString(8).padStart(4, '0'), (digit) => Number(digit) + 1).join('');
  return `5Min${digits}`.padEnd(48, 'x');
}

/** Rows of which no two have the same id, text or media, in id order. */
export function* distinctRecords(count: number): Generator<DataRecord> {
  for (const row of benchRecords(count)) {
    yield row.media.length === 0
      ? row
      : { ...row, media: row.media.map((item) => ({ ...item, sha256: sha256Hex(row.id) })) };
  }
}

/**
 * Takes the next rows for a commitment, and puts its shard and its manifest into a store.
 * @param place where on the chain it stands
 */
export async function writeCommit(
  store: ObjectStore,
  { rows, count, draft }: { rows: Iterator<DataRecord>; count: number; draft: string },
  place: { hotkey: string; uid: number; block: number },
): Promise<ManifestCommit> {
  const shard = await writeShard(take(rows, count), draft);
  await store.putFile(draft);
  rmSync(draft);
  const { hotkey, uid, block } = place;
  const changes = { netuid: BENCH_NETUID, hotkey, shards: [shard], rows: shard.rows, rows_root: shard.rows_root };
  const manifest = await store.put(new TextEncoder().encode(encodeManifest(exampleManifest(changes))));
  const at = { netuid: BENCH_NETUID, hotkey, registered: 1, uid, block, blockHash: String(block), event: 37 };
  return { ...at, manifest, seq: 0, rows: shard.rows, locator: '' };
}

/** The commitments of an epoch in which so many miners commit so many rows in all, each its share; their objects are in the store. */
export async function writeEpoch(
  store: ObjectStore,
  { miners, count, dir }: { miners: number; count: number; dir: string },
): Promise<ManifestCommit[]> {
  const rows = distinctRecords(count);
  const commits: ManifestCommit[] = [];
  for (let uid = 0; uid < miners; uid++) {
    let left = Math.floor((count * (uid + 1)) / miners) - Math.floor((count * uid) / miners);
    for (; left > 0; left -= PER_COMMIT) {
      const place = { hotkey: benchHotkey(uid), uid, block: FIRST_BLOCK + commits.length };
      const source = { rows, count: Math.min(left, PER_COMMIT), draft: join(dir, 'draft.parquet') };
      commits.push(await writeCommit(store, source, place));
    }
  }
  return commits;
}

function* take(rows: Iterator<DataRecord>, count: number): Generator<DataRecord> {
  for (let taken = 0; taken < count; taken++) {
    const next = rows.next();
    if (next.done === true) return;
    yield next.value;
  }
}
