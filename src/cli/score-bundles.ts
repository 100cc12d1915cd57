import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../core/errors.ts';
import type { Evidence } from '../scoring/evidence.ts';
import { UsageError } from './usage-error.ts';

const DIGEST = /^[0-9a-f]{64}$/;

/** Evidence is the validator's own published file; recomputing is what checks it, so only its outline is looked at here. */
export function readEvidence(path: string): Evidence {
  if (!existsSync(path)) throw new UsageError(`${path} does not exist`, { path });
  const file = statSync(path).isDirectory() ? join(path, 'evidence.json') : path;
  try {
    const parsed = JSON.parse(readFileSync(file, 'utf8')) as Partial<Evidence>;
    const lists = [
      parsed.commits,
      parsed.miners,
      parsed.scores,
      parsed.records,
      parsed.previous_scores,
      parsed.previous_records,
    ];
    const isWhole = lists.every(Array.isArray) && typeof parsed.parameters === 'object';
    if (parsed.version === 1 && isWhole) return parsed as Evidence;
  } catch (error) {
    throw new UsageError(`${file} can't be read as an evidence bundle: ${messageOf(error)}`, { file });
  }
  throw new UsageError(`${file} is no evidence bundle of version 1`, { file });
}

/** Reads archived responses from a validator's objects, or from a folder of files that are named by their digests; null where one is missing. */
export function readArchive(folder: string): (digest: string) => string | null {
  if (!existsSync(folder)) throw new UsageError(`${folder} does not exist`, { path: folder });
  return (digest) => {
    if (!DIGEST.test(digest)) return null;
    const places = [join(folder, digest), join(folder, digest.slice(0, 2), digest.slice(2, 4), digest)];
    const file = places.find((place) => existsSync(place));
    return file === undefined ? null : readFileSync(file, 'utf8');
  };
}
