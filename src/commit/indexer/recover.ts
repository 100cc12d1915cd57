import { SeineError } from '../../core/errors.ts';
import type { Digest, Manifest } from '../../core/manifest.ts';
import type { CommitIndex } from './commit-index.ts';
import { fromPrevious } from './indexed-commit.ts';
import type { IndexedCommit } from './indexed-commit.ts';

export interface RecoverDeps {
  index: CommitIndex;
  /** A manifest that a later commitment leads to, checked against digest, signer and subnet. It lies where that one's locator says, as a rule. */
  get: (digest: Digest, later: Pick<IndexedCommit, 'hotkey' | 'locator'>) => Promise<Manifest>;
}

/** Manifests that one commitment may lead back to. */
const LONGEST_WAY = 256;

/**
 * Follows `previous` from commitments that came after blocks nobody could read, back to what the index knows, and keeps what it finds: content only,
 * since when it was committed is lost. What can't be had now is looked for again the next time. Gives the number of manifests found.
 */
export async function recoverOverwritten(deps: RecoverDeps): Promise<number> {
  const { index } = deps;
  let recovered = 0;
  for (const later of await index.doubtful()) {
    try {
      const found = await wayBack(deps, later);
      await index.put(found);
      await index.settle(later);
      recovered += found.length;
    } catch (error) {
      if (!(error instanceof SeineError)) throw error;
      if (error.name === 'ManifestInvalid') await index.settle(later);
    }
  }
  return recovered;
}

async function wayBack({ index, get }: RecoverDeps, later: IndexedCommit): Promise<IndexedCommit[]> {
  const known = await index.anchoredBefore(later.hotkey, later.block);
  const found: IndexedCommit[] = [];
  if (later.digest === null) return found;
  let manifest = await get(later.digest, later);
  while (manifest.previous !== null && found.length < LONGEST_WAY) {
    const digest = manifest.previous;
    if (digest === known?.digest || manifest.seq <= (known?.seq ?? 0)) break;
    const before = await get(digest, later);
    if (before.seq !== manifest.seq - 1) break;
    manifest = before;
    found.push(fromPrevious(later, digest, manifest));
  }
  return found;
}
