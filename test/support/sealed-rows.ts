import type { Outbox } from '../../src/commit/outbox.ts';
import type { Manifest } from '../../src/core/manifest.ts';
import type { DataRecord } from '../../src/core/record.ts';
import { readShard } from '../../src/datasets/shard-reader.ts';
import type { ObjectStore } from '../../src/datasets/storage.ts';

/** The rows of a job in the Parquet files of all manifests that wait for their commitment. */
export async function sealedRows({
  outbox,
  store,
  job,
}: {
  outbox: Pick<Outbox, 'waiting'>;
  store: Pick<ObjectStore, 'get'>;
  job: string;
}): Promise<DataRecord[]> {
  const rows: DataRecord[] = [];
  for (const { digest } of await outbox.waiting()) {
    const manifest = JSON.parse(new TextDecoder().decode(await store.get(digest))) as Manifest;
    if (!manifest.jobs.includes(job)) continue;
    for (const { sha256 } of manifest.shards) {
      for await (const row of readShard(await store.get(sha256))) rows.push(row);
    }
  }
  return rows;
}
