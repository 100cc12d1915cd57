import { readFile, readdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { sha256Hex } from '../core/hash/sha256.ts';
import type { Digest } from '../core/manifest.ts';
import type { DatasetManifest, PublishedRow } from './dataset-manifest.ts';
import { parseDatasetManifest } from './dataset-manifest.ts';
import { readParquet } from './parquet-reader.ts';
import { compareIds } from './row-order.ts';
import { PUBLISHED_COLUMNS } from './schema.ts';
import type { SortedRows } from './sorted-rows.ts';
import { sortOnDisk } from './sorted-rows.ts';

export interface Version {
  dir: string;
  digest: Digest;
  manifest: DatasetManifest;
}

/** Reads a dataset's manifest; none of its files is looked at. */
export async function readVersion(dir: string): Promise<Version> {
  const bytes = await readFile(join(dir, 'manifest.json'));
  return { dir: resolve(dir), digest: sha256Hex(bytes), manifest: parseDatasetManifest(bytes.toString('utf8')) };
}

/**
 * A version and those it was built on, newest first, as far as they lie in folders beside it.
 * @returns with `missing`, the digest of the next one that was not found; null where the last is a first version
 */
export async function versionLog(dir: string): Promise<{ versions: Version[]; missing: Digest | null }> {
  const parent = dirname(resolve(dir));
  const near = new Map<Digest, Version>();
  for (const entry of await readdir(parent, { withFileTypes: true })) {
    const version = entry.isDirectory() ? await readVersion(join(parent, entry.name)).catch(() => null) : null;
    if (version !== null) near.set(version.digest, version);
  }
  const versions = [await readVersion(dir)];
  for (;;) {
    const base = versions.at(-1)?.manifest.base ?? null;
    const next = base === null ? undefined : near.get(base);
    // A digest can't lead back to itself.
    if (next === undefined) return { versions, missing: base };
    versions.push(next);
  }
}

/** How two versions differ, by their rows' ids, leaves and commits. */
export interface VersionDiff {
  rows: { before: number; after: number; added: number; removed: number; changed: number; same: number };
  files: { added: Digest[]; removed: Digest[]; same: number };
  /** The first ids of each kind, at most `limit`. */
  ids: { added: string[]; removed: string[]; changed: string[] };
}

/** @param work folder for what doesn't fit into memory */
export async function diffVersions(a: Version, b: Version, work: string, limit = 20): Promise<VersionDiff> {
  const before = a.manifest.files.map((file) => file.sha256);
  const after = b.manifest.files.map((file) => file.sha256);
  const rows = { before: a.manifest.rows, after: b.manifest.rows, added: 0, removed: 0, changed: 0, same: 0 };
  const ids = { added: [] as string[], removed: [] as string[], changed: [] as string[] };
  const note = (kind: 'added' | 'removed' | 'changed', id: string): void => {
    rows[kind] += 1;
    if (ids[kind].length < limit) ids[kind].push(id);
  };
  const old = (await fingerprints(a, work, 'before')).read();
  try {
    let head = await old.next();
    for await (const row of (await fingerprints(b, work, 'after')).read()) {
      for (; head.done !== true && compareIds(head.value.id, row.id) < 0; head = await old.next()) {
        note('removed', head.value.id);
      }
      if (head.done === true || head.value.id !== row.id) {
        note('added', row.id);
        continue;
      }
      if (head.value.print === row.print) rows.same += 1;
      else note('changed', row.id);
      head = await old.next();
    }
    for (; head.done !== true; head = await old.next()) note('removed', head.value.id);
  } finally {
    await old.return(undefined);
  }
  const added = after.filter((digest) => !before.includes(digest));
  const removed = before.filter((digest) => !after.includes(digest));
  return { rows, files: { added, removed, same: after.length - added.length }, ids };
}

async function fingerprints(
  { dir, manifest }: Version,
  work: string,
  name: string,
): Promise<SortedRows<{ id: string; print: string }>> {
  async function* rows(): AsyncGenerator<{ id: string; print: string }> {
    for (const { path } of manifest.files) {
      for await (const row of readParquet(join(dir, path), PUBLISHED_COLUMNS, { only: ['id', 'leaf', 'commit'] })) {
        const { id, leaf, commit } = row as unknown as Pick<PublishedRow, 'id' | 'leaf' | 'commit'>;
        const ref = manifest.commits[commit];
        yield { id, print: `${leaf} ${ref?.manifest} ${ref?.block} ${ref?.event}` };
      }
    }
  }
  return await sortOnDisk(rows(), work, name);
}
