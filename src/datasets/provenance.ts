import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { parseCanonicalJson } from '../core/canonical-json.ts';
import { InvalidInputError } from '../core/errors.ts';
import { MerkleAccumulator } from '../core/hash/merkle.ts';
import { sha256Hex } from '../core/hash/sha256.ts';
import { MOST_ANCHORED } from '../core/manifest.ts';
import type { Digest } from '../core/manifest.ts';
import type { CommitRef } from './dataset-manifest.ts';

export const LEAF_BYTES = 32;
/** Far more than a miner's manifest may have. */
const MAX_MANIFEST_BYTES = 2 ** 20;

/** A miner's manifest with the leaves that its root was computed from: what a row's place in it is proved by. */
export interface CommittedManifest {
  /** Its bytes, canonical JSON. */
  text: string;
  /** The leaves of its row tree in order, 32 bytes each. */
  leaves: Uint8Array;
}

/** What of a miner's manifest matters here. */
export interface ManifestHead {
  netuid: number;
  hotkey: string;
  previous: Digest | null;
  rows: number;
  rows_root: Digest;
}

const headSchema = z.object({
  netuid: z.int().nonnegative(),
  hotkey: z.string(),
  previous: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .nullable(),
  rows: z.int().positive(),
  rows_root: z.string().regex(/^[0-9a-f]{64}$/),
});

/** @throws InvalidInputError where the text is no manifest, or another one than `digest` or than the commit's hotkey made */
export function parseHead(text: string, digest: Digest, commit: Pick<CommitRef, 'netuid' | 'hotkey'>): ManifestHead {
  const found = sha256Hex(text);
  if (found !== digest) throw new InvalidInputError(`manifest ${digest} is wanted, the bytes are those of ${found}`);
  const parsed = headSchema.safeParse(parseCanonicalJson(text));
  if (!parsed.success) throw new InvalidInputError(`${digest} is no manifest:\n${z.prettifyError(parsed.error)}`);
  const head = parsed.data;
  if (head.hotkey !== commit.hotkey || head.netuid !== commit.netuid) {
    throw new InvalidInputError(`manifest ${digest} is that of ${head.hotkey} on subnet ${head.netuid}`);
  }
  return head;
}

/** @throws InvalidInputError where these are not the leaves of the manifest's tree */
export function assertLeaves(head: ManifestHead, leaves: Uint8Array, digest: Digest): void {
  if (leaves.length !== head.rows * LEAF_BYTES) {
    throw new InvalidInputError(`manifest ${digest} has ${head.rows} rows, not ${leaves.length / LEAF_BYTES} leaves`);
  }
  const tree = new MerkleAccumulator();
  for (let at = 0; at < leaves.length; at += LEAF_BYTES) tree.add(leaves.subarray(at, at + LEAF_BYTES));
  if (tree.root() !== head.rows_root) throw new InvalidInputError(`the leaves of manifest ${digest} have another root`);
}

/** Keeps what one commitment anchors in a dataset's folder. Throws InvalidInputError where it doesn't lead to the commitment. */
export async function writeProvenance(
  dir: string,
  commit: CommitRef,
  manifests: readonly CommittedManifest[],
): Promise<Digest[]> {
  let expected: Digest | null = commit.manifest;
  const digests: Digest[] = [];
  for (const { text, leaves } of manifests.toReversed()) {
    if (expected === null) throw new InvalidInputError(`commit of ${commit.hotkey}: a manifest that nothing leads to`);
    const head: ManifestHead = parseHead(text, expected, commit);
    assertLeaves(head, leaves, expected);
    await writeFile(join(dir, manifestPath(expected)), text);
    await writeFile(join(dir, leavesPath(expected)), leaves);
    digests.push(expected);
    expected = head.previous;
  }
  if (digests.length === 0) throw new InvalidInputError(`commit of ${commit.hotkey}: no manifest`);
  return digests;
}

/**
 * The manifests and leaves that a dataset keeps for a commit, newest first: the committed one and those before it that are kept, up to the one
 * that an earlier commit has anchored. All are checked against the commit's digest.
 * @param commits all of the dataset's
 * @throws InvalidInputError
 */
export async function readProvenance(
  dir: string,
  commit: CommitRef,
  commits: readonly CommitRef[],
): Promise<{ digest: Digest; text: string; head: ManifestHead; leaves: Uint8Array }[]> {
  const anchored = new Set(commits.map(({ manifest }) => manifest));
  const kept: { digest: Digest; text: string; head: ManifestHead; leaves: Uint8Array }[] = [];
  let digest: Digest | null = commit.manifest;
  while (digest !== null && (kept.length === 0 || !anchored.has(digest))) {
    const bytes: Buffer | null = await readFile(join(dir, manifestPath(digest))).catch(() => null);
    if (bytes === null) break;
    if (kept.length === MOST_ANCHORED || bytes.length > MAX_MANIFEST_BYTES) {
      throw new InvalidInputError(`manifest ${digest}: too many or too large`);
    }
    const text = bytes.toString('utf8');
    const head = parseHead(text, digest, commit);
    const leaves = await readFile(join(dir, leavesPath(digest)));
    assertLeaves(head, leaves, digest);
    kept.push({ digest, text, head, leaves });
    digest = head.previous;
  }
  if (kept.length === 0) throw new InvalidInputError(`${manifestPath(commit.manifest)} is missing`);
  return kept;
}

export function manifestPath(digest: Digest): string {
  return `commits/${digest}.json`;
}

export function leavesPath(digest: Digest): string {
  return `commits/${digest}.leaves`;
}
