import { SeineError } from '../core/errors.ts';
import type { Digest, Manifest } from '../core/manifest.ts';
import { ManifestInvalidError } from './manifest.ts';
import type { Anchor } from './indexer/previous-anchor.ts';

export interface NamedManifest {
  digest: Digest;
  manifest: Manifest;
}

/** The manifest before one could not be had. It may be had later. */
export class PreviousMissingError extends SeineError {
  constructor(digest: Digest, cause: unknown) {
    super('PreviousMissing', `manifest ${digest}, which a later one follows, could not be had`, {
      details: { reason: 'previous_missing', digest },
      remedy: 'retry',
      cause,
    });
  }
}

/**
 * The manifests that a commitment anchors, oldest first: the committed one and those that it leads back to by `previous`, up to the last
 * one anchored before. Throws ManifestInvalidError where they don't lead there within the bound or their `seq` does not go up by one, and
 * PreviousMissingError. Where nobody can tell what was anchored before, as many count as can be had within the bound.
 * @param get reads a manifest and checks that it is what its digest, signer and subnet promise
 * @param maxUnanchored manifests that may hang unanchored between two commitments
 */
export async function anchoredManifests(
  get: (digest: Digest) => Promise<Manifest>,
  committed: NamedManifest,
  anchor: Anchor,
  maxUnanchored: number,
): Promise<NamedManifest[]> {
  const chain = [committed];
  if (typeof anchor === 'object') assertNear(committed.manifest.seq - anchor.seq - 1, maxUnanchored);
  for (;;) {
    const { manifest } = chain[0] as NamedManifest;
    const { seq, previous } = manifest;
    if (typeof anchor === 'object' && previous === anchor.digest && seq === anchor.seq + 1) return chain;
    if (typeof anchor === 'object' && seq <= anchor.seq + 1) {
      throw broken(`manifest ${seq} does not follow the anchored manifest ${anchor.seq}`, { seq });
    }
    if (previous === null) return chain; // its seq is 0, by the manifest's own rules
    if (chain.length > maxUnanchored) {
      if (anchor === 'unknown') return chain;
      assertNear(chain.length, maxUnanchored);
    }
    let before: Manifest;
    try {
      before = await get(previous);
    } catch (error) {
      if (error instanceof ManifestInvalidError || !(error instanceof SeineError)) throw error;
      if (anchor === 'unknown') return chain;
      throw new PreviousMissingError(previous, error);
    }
    if (before.seq !== seq - 1) throw broken(`manifest ${seq} follows manifest ${before.seq}`, { seq });
    chain.unshift({ digest: previous, manifest: before });
  }
}

function assertNear(unanchored: number, maxUnanchored: number): void {
  if (unanchored <= maxUnanchored) return;
  throw new ManifestInvalidError('manifest_chain', `more than ${maxUnanchored} manifests hang unanchored before it`, {
    unanchored,
  });
}

function broken(message: string, details: Readonly<Record<string, unknown>>): ManifestInvalidError {
  return new ManifestInvalidError('manifest_link', message, details);
}
