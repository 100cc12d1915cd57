import { canonicalRow } from '../core/canonical-row.ts';
import { MerkleAccumulator, leafHash } from '../core/hash/merkle.ts';
import type { ShardEntry } from '../core/manifest.ts';
import type { DataRecord } from '../core/record.ts';
import { assertAfter } from './row-order.ts';

/** What a manifest says of a shard's rows, counted as they pass by. Adding a row gives its leaf. */
export interface ShardSummary {
  /** @throws InvalidInputError for a row that breaks the format, or that doesn't come after the one before */
  add(row: DataRecord): Uint8Array;
  /** All of a shard's entry but its bytes. */
  result(): Omit<ShardEntry, 'sha256' | 'bytes'>;
}

export function summarise(): ShardSummary {
  const tree = new MerkleAccumulator();
  let before: string | null = null;
  let first: number | null = null;
  let last: number | null = null;
  return {
    add(row) {
      const leaf = leafHash(canonicalRow(row));
      assertAfter(before, row.id);
      before = row.id;
      tree.add(leaf);
      if (row.created_at !== null) {
        first = Math.min(first ?? row.created_at, row.created_at);
        last = Math.max(last ?? row.created_at, row.created_at);
      }
      return leaf;
    },
    result: () => ({ rows: tree.count, rows_root: tree.root(), min_created_at: first, max_created_at: last }),
  };
}
