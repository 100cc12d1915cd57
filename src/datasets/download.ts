import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { InvalidInputError } from '../core/errors.ts';
import { sha256Hex } from '../core/hash/sha256.ts';
import type { Digest } from '../core/manifest.ts';
import { parseDatasetManifest } from './dataset-manifest.ts';
import { LEAF_BYTES, leavesPath, manifestPath, parseHead } from './provenance.ts';
import { MAX_SHARD_BYTES } from './schema.ts';

const MAX_TEXT_BYTES = 64 * 2 ** 20;

/** Gets one file of a remote dataset by its path within it; null where there is none. Fails beyond `maxBytes`. */
export type GetFile = (path: string, maxBytes: number) => Promise<Uint8Array | null>;

/**
 * Copies a published dataset into a folder: its manifest and all files that it names, none larger than it says. Nothing is checked that
 * `verifyDataset` checks.
 * @param tell is told of each file before it is fetched
 */
export async function downloadDataset(get: GetFile, dir: string, tell: (path: string) => void): Promise<void> {
  const fetchedIfThere = async (path: string, maxBytes: number): Promise<Buffer | null> => {
    tell(path);
    const bytes = await get(path, maxBytes);
    if (bytes === null) return null;
    await mkdir(dirname(join(dir, path)), { recursive: true });
    await writeFile(join(dir, path), bytes);
    return Buffer.from(bytes);
  };
  const fetched = async (path: string, maxBytes: number): Promise<Buffer> => {
    const bytes = await fetchedIfThere(path, maxBytes);
    if (bytes === null) throw new InvalidInputError(`there is no ${path} there`, { path });
    return bytes;
  };
  const manifest = parseDatasetManifest((await fetched('manifest.json', MAX_TEXT_BYTES)).toString('utf8'));
  await fetched('README.md', MAX_TEXT_BYTES);
  await fetched('croissant.json', MAX_TEXT_BYTES);
  for (const file of manifest.files) await fetched(file.path, Math.min(file.bytes, MAX_SHARD_BYTES));
  const met = new Set<Digest>();
  for (const commit of manifest.commits) {
    let digest: Digest | null = commit.manifest;
    while (digest !== null && !met.has(digest)) {
      met.add(digest);
      // One before the committed manifest is kept only where the commitment anchored it, too.
      const fetchText = digest === commit.manifest ? fetched : fetchedIfThere;
      const text = await fetchText(manifestPath(digest), MAX_TEXT_BYTES);
      if (text === null || sha256Hex(text) !== digest) break;
      const head = parseHead(text.toString('utf8'), digest, commit);
      await fetched(leavesPath(digest), head.rows * LEAF_BYTES);
      digest = head.previous;
    }
  }
}
