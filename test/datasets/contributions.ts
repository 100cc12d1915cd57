import { canonicalJson } from '../../src/core/canonical-json.ts';
import { canonicalRow } from '../../src/core/canonical-row.ts';
import { leafHash, merkleRoot } from '../../src/core/hash/merkle.ts';
import { sha256Hex } from '../../src/core/hash/sha256.ts';
import type { DataRecord } from '../../src/core/record.ts';
import type { Contribution } from '../../src/datasets/contributions.ts';
import type { CommitRef } from '../../src/datasets/dataset-manifest.ts';

/** A miner's manifest of these rows, with its leaves; all that datasets look at is true. */
export function manifestOf(rows: readonly DataRecord[], hotkey: string, previous: string | null = null) {
  const leaves = rows.map((row) => leafHash(canonicalRow(row)));
  const text = canonicalJson({ netuid: 2, hotkey, previous, rows: rows.length, rows_root: merkleRoot(leaves) });
  return { text, leaves: Buffer.concat(leaves) };
}

/** What one commitment of all these rows gives to a dataset. */
export function contribution(
  rows: readonly DataRecord[],
  { hotkey, block, event }: { hotkey: string; block: number; event: number },
): Contribution {
  const manifest = manifestOf(rows, hotkey);
  return {
    commit: { netuid: 2, hotkey, block, event, manifest: sha256Hex(manifest.text) },
    manifests: [manifest],
    rows: rows.map((row) => ({ row, leaf: Buffer.from(leafHash(canonicalRow(row))).toString('hex') })),
  };
}

export const ADA = { hotkey: '5Ada', block: 10, event: 3 };
export const BOB = { hotkey: '5Bob', block: 12, event: 4 };

/** The rows shared out by turns between Ada and Bob. */
export function byTurns(rows: readonly DataRecord[]): Contribution[] {
  return [
    contribution(
      rows.filter((_, index) => index % 2 === 0),
      ADA,
    ),
    contribution(
      rows.filter((_, index) => index % 2 === 1),
      BOB,
    ),
  ];
}

/** A chain that has these contributions' commitments and no others. */
export function chainOf(contributions: readonly Contribution[]) {
  return (commit: CommitRef): Promise<{ manifest: string } | null> => {
    const made = contributions.find(
      ({ commit: known }) => canonicalJson({ ...known, manifest: '' }) === canonicalJson({ ...commit, manifest: '' }),
    );
    return Promise.resolve(made === undefined ? null : { manifest: made.commit.manifest });
  };
}
