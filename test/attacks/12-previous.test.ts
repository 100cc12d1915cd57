import { describe, expect, it } from 'vitest';
import { encodeManifest, manifestDigest, parseManifest } from '../../src/commit/manifest.ts';
import { anchoredManifests } from '../../src/commit/previous-manifests.ts';
import { SeineError } from '../../src/core/errors.ts';
import { sha256Hex } from '../../src/core/hash/sha256.ts';
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
    return found === undefined ? Promise.reject(new SeineError('PeerRefused', `no ${digest}`)) : Promise.resolve(found);
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

  it('a digest of its own, committed again: refused, with and without others since', async () => {
    const all = history(5);
    await expect(anchored(all, 5, all[5])).rejects.toMatchObject({ details: { reason: 'manifest_link' } });
    await expect(anchored(all, 5, all[3])).rejects.toMatchObject({ details: { reason: 'manifest_link' } });
  });

  it('a manifest before it that cannot be had: nothing counts, and it is asked for again', async () => {
    const all = history(5);
    const missing = all.filter(({ seq }) => seq !== 4);
    await expect(anchored(missing, 2, all[5])).rejects.toMatchObject({ name: 'PreviousMissing', remedy: 'retry' });
  });

  it('a circle, which takes a broken digest: refused after one round', async () => {
    const [one, two] = [manifest(7, hex(2)), manifest(6, hex(1))];
    let asked = 0;
    const get = (digest: string): Promise<Manifest> => {
      asked += 1;
      return Promise.resolve(digest === hex(1) ? one : two);
    };
    const committed = { digest: hex(1), manifest: one };
    for (const anchor of ['none', 'unknown', { digest: hex(9), seq: 2 }] as const) {
      await expect(anchoredManifests(get, committed, anchor, 8)).rejects.toMatchObject({
        details: { reason: 'manifest_link' },
      });
    }
    expect(asked).toBe(6);
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

  it('another spelling of the same manifest: refused, however its own digest is committed', () => {
    const text = encodeManifest(manifest(0, null));
    const fields = Object.entries(JSON.parse(text) as Record<string, unknown>);
    for (const spelling of [
      JSON.stringify(Object.fromEntries(fields.reverse())),
      JSON.stringify(JSON.parse(text), null, 1),
      text.replace('{', '{"seq":1,'),
      text.replace('"rows":1,', '"rows":1.0,'),
      `\ufeff${text}`,
      `${text}\n`,
    ]) {
      expect(spelling).not.toBe(text);
      const bytes = new TextEncoder().encode(spelling);
      const expected = { digest: sha256Hex(bytes), netuid: 2, hotkey: '5Ada' };
      expect(() => parseManifest(bytes, expected)).toThrow('manifest_canonical');
    }
  });

  it('totals that do not add up, a shard twice and impossible times: refused', () => {
    const [shard] = manifest(0, null).shards;
    const twice = [shard!, shard!];
    expect(() => encodeManifest(manifest(0, null, { rows: 2 }))).toThrow('manifest_totals');
    expect(() => encodeManifest(manifest(0, null, { shards: twice, rows: 2 }))).toThrow('manifest_totals');
    expect(() => encodeManifest(manifest(0, null, { rows_root: hex(1) }))).toThrow('manifest_totals');
    for (const times of [{ min_created_at: 2, max_created_at: 1 }, { min_created_at: 0 }]) {
      const wrong = manifest(0, null, { shards: [{ ...shard!, ...times }] });
      expect(() => encodeManifest(wrong)).toThrow('manifest_totals');
    }
    for (const rows of [0, -1, 1.5, 1_000_001, 2 ** 53]) {
      const wrong = manifest(0, null, { shards: [{ ...shard!, rows }], rows });
      expect(() => encodeManifest(wrong)).toThrow('manifest_format');
    }
  });

  it('a first manifest with a previous, and a later one without: refused', () => {
    expect(() => encodeManifest(manifest(0, hex(1)))).toThrow('seq 0');
    expect(() => encodeManifest(manifest(1, null))).toThrow('seq 1');
  });
});
