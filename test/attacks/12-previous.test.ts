import { describe, expect, it } from 'vitest';
import { encodeManifest, manifestDigest, parseManifest } from '../../src/commit/manifest.ts';
import { anchoredManifests } from '../../src/commit/previous-manifests.ts';
import type { Manifest } from '../../src/core/manifest.ts';

const hex = (number: number): string => number.toString(16).padStart(64, '0');

function manifest(seq: number, previous: string | null, changes: Partial<Manifest> = {}): Manifest {
  const root = hex(1000 + seq);
  const shard = { sha256: hex(seq), bytes: 10, rows: 1, rows_root: root, min_created_at: null, max_created_at: null };
  return {
    ...{ version: 1, netuid: 2, hotkey: '5Ada', seq, previous, created_at: 0, sources: ['web'], jobs: [] },
    ...{ shards: [shard], rows: 1, rows_root: root, schema: 'seine-record-1', tool: 'x' },
    ...changes,
  };
}

/** Manifests 0 to `last`, each on the one before. */
function history(last: number): Manifest[] {
  const all: Manifest[] = [];
  for (let seq = 0; seq <= last; seq++) {
    const before = all.at(-1);
    all.push(manifest(seq, before === undefined ? null : manifestDigest(before)));
  }
  return all;
}

async function anchored(all: readonly Manifest[], anchorSeq: number, committed = all.at(-1)!) {
  const known = new Map(all.map((each) => [manifestDigest(each), each]));
  const get = (digest: string): Promise<Manifest> => {
    const found = known.get(digest);
    return found === undefined ? Promise.reject(new Error(`no ${digest}`)) : Promise.resolve(found);
  };
  const anchor = { digest: manifestDigest(all[anchorSeq]!), seq: anchorSeq };
  return await anchoredManifests(get, { digest: manifestDigest(committed), manifest: committed }, anchor, 8);
}

describe('attack 12: `previous`', () => {
  it('an honest chain is taken whole, so that the refusals below mean something', async () => {
    const chain = await anchored(history(5), 2);
    expect(chain.map(({ manifest: { seq } }) => seq)).toEqual([3, 4, 5]);
  });

  it('backdating: a manifest that goes on from before the last anchored one is refused', async () => {
    const all = history(5);
    const backdated = manifest(3, manifestDigest(all[2]!), { created_at: 1 });
    await expect(anchored(all, 4, backdated)).rejects.toMatchObject({ name: 'ManifestInvalid' });
  });

  it('a fork: a second manifest of the same number that skips the anchored one is refused', async () => {
    const all = history(3);
    const fork = manifest(3, manifestDigest(all[1]!));
    await expect(anchored(all, 2, fork)).rejects.toMatchObject({ name: 'ManifestInvalid' });
  });

  it('thousands of manifests on one commitment are refused without being fetched', async () => {
    const all = history(3000);
    await expect(anchored(all, 0)).rejects.toMatchObject({ name: 'ManifestInvalid' });
  });

  it("another's manifest, adopted: refused, for it names its own hotkey and subnet", () => {
    const theirs = manifest(0, null, { hotkey: '5Bob' });
    const bytes = new TextEncoder().encode(encodeManifest(theirs));
    const expected = { digest: manifestDigest(theirs), netuid: 2, hotkey: '5Ada' };
    expect(() => parseManifest(bytes, expected)).toThrow('manifest_signer');
    expect(() => parseManifest(bytes, { ...expected, netuid: 3, hotkey: '5Bob' })).toThrow('manifest_signer');
  });

  it('a digest seen in the pool, replayed with other bytes behind it: refused', () => {
    const bytes = new TextEncoder().encode(encodeManifest(manifest(0, null, { created_at: 7 })));
    const expected = { digest: manifestDigest(manifest(0, null)), netuid: 2, hotkey: '5Ada' };
    expect(() => parseManifest(bytes, expected)).toThrow('manifest_digest');
  });

  it('a first manifest with a previous, and a later one without: refused', () => {
    expect(() => encodeManifest(manifest(0, hex(1)))).toThrow('seq 0');
    expect(() => encodeManifest(manifest(1, null))).toThrow('seq 1');
  });
});
