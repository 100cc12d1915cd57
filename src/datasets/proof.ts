import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { canonicalJson, parseCanonicalJson } from '../core/canonical-json.ts';
import { canonicalRow } from '../core/canonical-row.ts';
import { InvalidInputError } from '../core/errors.ts';
import { leafHash, merkleProof, verifyProof } from '../core/hash/merkle.ts';
import { MOST_ANCHORED } from '../core/manifest.ts';
import type { Digest } from '../core/manifest.ts';
import type { DataRecord } from '../core/record.ts';
import type { CommitRef, PublishedRow } from './dataset-manifest.ts';
import { parseDatasetManifest } from './dataset-manifest.ts';
import { RowNotFound } from './errors.ts';
import { readParquet } from './parquet-reader.ts';
import { LEAF_BYTES, parseHead, readProvenance } from './provenance.ts';
import { recordOf } from './published-row.ts';
import { PUBLISHED_COLUMNS } from './schema.ts';

/**
 * What shows that a miner committed to a row: the row, its audit path (RFC 6962, 2.1.1) to the root in the manifest that lists it, and the
 * manifests from that one up to the one that the commitment on chain names. Canonical JSON.
 */
export interface RowProof {
  version: 1;
  /** The row as it was committed. */
  row: DataRecord;
  /** Place of the row's leaf in its manifest's row tree. */
  index: number;
  /** Siblings from the leaf up to the root, 64 hex characters each. */
  path: Digest[];
  /** Manifests as their canonical text: first the one with the row, each next one naming it as `previous`, last the committed one. */
  manifests: string[];
  commit: CommitRef;
}

const digest = z.string().regex(/^[0-9a-f]{64}$/);
const count = z.int().nonnegative();

const schema = z.strictObject({
  version: z.literal(1),
  row: z.record(z.string(), z.unknown()),
  index: count,
  path: z.array(digest).max(64),
  manifests: z
    .array(z.string().max(2 ** 20))
    .min(1)
    .max(MOST_ANCHORED),
  commit: z.strictObject({ netuid: count, hotkey: z.string(), block: count, event: count, manifest: digest }),
});

/**
 * The proof of one row of a dataset, from the dataset's folder alone.
 * @throws RowNotFound
 * @throws InvalidInputError where the folder isn't what it should be
 */
export async function proveRow(dir: string, id: string): Promise<RowProof> {
  const manifest = parseDatasetManifest(await readFile(join(dir, 'manifest.json'), 'utf8'));
  const row = await findRow(dir, manifest.files, id);
  const commit = manifest.commits[row.commit];
  if (commit === undefined) throw new InvalidInputError(`row ${id}: there is no commit ${row.commit}`);
  const kept = await readProvenance(dir, commit, manifest.commits);
  const leaf = Buffer.from(row.leaf, 'hex');
  for (const [at, { leaves }] of kept.entries()) {
    const all = Array.from({ length: leaves.length / LEAF_BYTES }, (_, index) =>
      leaves.subarray(index * LEAF_BYTES, (index + 1) * LEAF_BYTES),
    );
    const index = all.findIndex((each) => leaf.equals(each));
    if (index === -1) continue;
    const path = merkleProof(all, index).map((node) => Buffer.from(node).toString('hex'));
    const manifests = kept.slice(0, at + 1).map(({ text }) => text);
    return { version: 1, row: recordOf(row), index, path, manifests: manifests.reverse(), commit };
  }
  throw new InvalidInputError(`row ${id}: its commit doesn't hold it; see seine dataset verify`);
}

/**
 * Checks a proof by its own contents. What is left to ask the chain is whether `commit` was made so.
 * @returns the row's leaf
 * @throws InvalidInputError saying what doesn't hold
 */
export function verifyRowProof(proof: RowProof): { leaf: Digest } {
  const { commit, manifests } = proof;
  let expected: Digest | null = commit.manifest;
  let head = null;
  for (const text of manifests.toReversed()) {
    if (expected === null) throw new InvalidInputError('the manifests go on where they say they begin');
    head = parseHead(text, expected, commit);
    expected = head.previous;
  }
  if (head === null) throw new InvalidInputError('the proof has no manifest');
  const leaf = leafHash(canonicalRow(proof.row));
  const path = proof.path.map((node) => Buffer.from(node, 'hex'));
  if (!verifyProof(leaf, proof.index, head.rows, path, head.rows_root)) {
    throw new InvalidInputError('the row is not where the proof says it is in the committed tree');
  }
  return { leaf: Buffer.from(leaf).toString('hex') };
}

/** @throws InvalidInputError where the text isn't a proof in canonical form */
export function parseRowProof(text: string): RowProof {
  const parsed = schema.safeParse(parseCanonicalJson(text));
  if (!parsed.success) throw new InvalidInputError(`not a proof of a row:\n${z.prettifyError(parsed.error)}`);
  // `verifyRowProof` looks at the row itself.
  return parsed.data as unknown as RowProof;
}

export function writeRowProof(proof: RowProof): string {
  return canonicalJson(proof);
}

async function findRow(dir: string, files: readonly { path: string }[], id: string): Promise<PublishedRow> {
  for (const file of files) {
    const path = join(dir, file.path);
    let start = 0;
    for await (const row of readParquet(path, PUBLISHED_COLUMNS, { only: ['id'] })) {
      if (row['id'] === id) {
        for await (const whole of readParquet(path, PUBLISHED_COLUMNS, { rows: { start, end: start + 1 } })) {
          return whole as unknown as PublishedRow;
        }
      }
      start += 1;
    }
  }
  throw new RowNotFound(id);
}
