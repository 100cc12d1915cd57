import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MerkleAccumulator, leafHash } from '../core/hash/merkle.ts';
import type { Digest } from '../core/manifest.ts';
import type { BaseVersion } from './base-version.ts';
import type { DatasetFile, PublishedRow } from './dataset-manifest.ts';
import { dataPath } from './dataset-manifest.ts';
import { fileDigest } from './file-digest.ts';
import { writeParquet } from './parquet-writer.ts';
import type { FilePlan } from './plan-files.ts';
import { LEAF_BYTES } from './provenance.ts';
import { canonicalPublishedRow } from './published-row.ts';
import { PUBLISHED_COLUMNS } from './schema.ts';

/** Writes a dataset's Parquet files as planned, and computes its row tree on the way. */
export async function writeFiles(input: {
  draft: string;
  plan: FilePlan;
  base: BaseVersion | null;
  /** How many commits there are. */
  commits: number;
}): Promise<{ files: DatasetFile[]; rowsRoot: Digest }> {
  const { draft, plan, base } = input;
  const whole = new MerkleAccumulator();
  const files: DatasetFile[] = [];
  const fresh = plan.fresh.read();
  const write = async (path: string, rows: AsyncIterable<PublishedRow>): Promise<void> => {
    const tree = new MerkleAccumulator();
    const see = (row: PublishedRow): void => {
      const leaf = leafHash(canonicalPublishedRow(row, input.commits));
      tree.add(leaf);
      whole.add(leaf);
    };
    const { arrowBytes } = await writeParquet(join(draft, path), PUBLISHED_COLUMNS, seen(rows, see));
    const { sha256, bytes } = await fileDigest(join(draft, path));
    files.push({ path, sha256, bytes, unpacked_bytes: arrowBytes, rows: tree.count, rows_root: tree.root() });
  };
  try {
    for (const [index, planned] of plan.files.entries()) {
      const path = dataPath(index, plan.files.length);
      if (planned.kind === 'new') {
        await write(path, take(fresh, planned.rows));
      } else if (base !== null && planned.without.size > 0) {
        await write(path, without(base.read(planned.file), planned.without));
      } else if (base !== null) {
        const stated = base.manifest.files[planned.file]!;
        await copyFile(join(base.dir, stated.path), join(draft, path));
        const leaves = await base.leaves(planned.file);
        for (let at = 0; at < leaves.length; at += LEAF_BYTES) whole.add(leaves.subarray(at, at + LEAF_BYTES));
        files.push({ ...stated, path });
      }
    }
  } finally {
    await fresh.return(undefined);
  }
  return { files, rowsRoot: whole.root() };
}

async function* seen<Row>(rows: AsyncIterable<Row>, see: (row: Row) => void): AsyncGenerator<Row> {
  for await (const row of rows) {
    see(row);
    yield row;
  }
}

/** The next `count` rows, leaving the rest to be taken later. */
async function* take<Row>(rows: AsyncGenerator<Row>, count: number): AsyncGenerator<Row> {
  for (let taken = 0; taken < count; taken++) {
    const next = await rows.next();
    if (next.done === true) return;
    yield next.value;
  }
}

async function* without(rows: AsyncIterable<PublishedRow>, ids: ReadonlySet<string>): AsyncGenerator<PublishedRow> {
  for await (const row of rows) if (!ids.has(row.id)) yield row;
}
