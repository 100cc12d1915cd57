import { describe, expect, it } from 'vitest';
import { SeineError } from '../../src/core/errors.ts';
import type { Digest, Manifest } from '../../src/core/manifest.ts';
import { manifestDigest } from '../../src/commit/manifest.ts';
import { anchoredManifests } from '../../src/commit/previous-manifests.ts';
import type { NamedManifest } from '../../src/commit/previous-manifests.ts';
import type { Anchor } from '../../src/commit/indexer/previous-anchor.ts';
import { exampleManifest } from './support/example-manifest.ts';

const MAX_UNANCHORED = 8;

/** Manifests 0 to count - 1, each the `previous` of the next. */
function history(count: number): NamedManifest[] {
  const found: NamedManifest[] = [];
  for (let seq = 0; seq < count; seq++) {
    const manifest = exampleManifest({ seq, previous: found.at(-1)?.digest ?? null });
    found.push({ digest: manifestDigest(manifest), manifest });
  }
  return found;
}

const all = history(20);
const at = (seq: number): NamedManifest => all[seq] as NamedManifest;
const anchorAt = (seq: number): Anchor => ({ digest: at(seq).digest, seq });

function store(manifests: readonly NamedManifest[]) {
  const asked: Digest[] = [];
  const get = (digest: Digest): Promise<Manifest> => {
    asked.push(digest);
    const found = manifests.find((item) => item.digest === digest);
    const missing = new SeineError('PeerRefused', 'not served', { details: { reason: 'not_served' } });
    return found === undefined ? Promise.reject(missing) : Promise.resolve(found.manifest);
  };
  return { asked, get };
}

const seqs = (found: readonly NamedManifest[]): number[] => found.map(({ manifest }) => manifest.seq);
const refused = (reason: string): unknown =>
  expect.objectContaining({ details: expect.objectContaining({ reason }) as unknown });

describe('anchoredManifests', () => {
  const { get } = store(all);

  it.each([
    ['itself alone', 5, anchorAt(4), [5]],
    ['those since the last anchored one', 5, anchorAt(2), [3, 4, 5]],
    ['nine at most', 12, anchorAt(12 - MAX_UNANCHORED - 1), [4, 5, 6, 7, 8, 9, 10, 11, 12]],
    ['all from the first', 3, 'none', [0, 1, 2, 3]],
    ['as many as may hang when nobody knows', 15, 'unknown', [7, 8, 9, 10, 11, 12, 13, 14, 15]],
  ] as const)('are %s', async (_, seq, anchor, expected) => {
    expect(seqs(await anchoredManifests(get, at(seq), anchor, MAX_UNANCHORED))).toEqual(expected);
  });

  it('refuses a tenth, and asks nobody for it', async () => {
    const miner = store(all);
    await expect(anchoredManifests(miner.get, at(12), anchorAt(2), MAX_UNANCHORED)).rejects.toThrow(
      refused('manifest_chain'),
    );
    expect(miner.asked).toEqual([]);
    await expect(anchoredManifests(miner.get, at(9), 'none', MAX_UNANCHORED)).rejects.toThrow(
      refused('manifest_chain'),
    );
    expect(miner.asked).toHaveLength(MAX_UNANCHORED);
  });

  it('refuses another way than to the last anchored one', async () => {
    const other = exampleManifest({ seq: 3, previous: 'd'.repeat(64) });
    const forked = { digest: manifestDigest(other), manifest: other };
    await expect(anchoredManifests(get, forked, anchorAt(2), MAX_UNANCHORED)).rejects.toThrow(refused('manifest_link'));
    await expect(anchoredManifests(get, at(3), { digest: 'd'.repeat(64), seq: 1 }, MAX_UNANCHORED)).rejects.toThrow(
      refused('manifest_link'),
    );
    await expect(anchoredManifests(get, at(2), anchorAt(2), MAX_UNANCHORED)).rejects.toThrow(refused('manifest_link'));
    await expect(anchoredManifests(get, at(0), anchorAt(2), MAX_UNANCHORED)).rejects.toThrow(refused('manifest_link'));
  });

  it('refuses a seq that does not go up by one, and a circle', async () => {
    const gap = exampleManifest({ seq: 6, previous: at(4).digest });
    const jumped = { digest: manifestDigest(gap), manifest: gap };
    await expect(anchoredManifests(get, jumped, anchorAt(3), MAX_UNANCHORED)).rejects.toThrow(refused('manifest_link'));
    const [one, two] = ['1'.repeat(64), '2'.repeat(64)];
    const circle = [
      { digest: one, manifest: exampleManifest({ seq: 7, previous: two }) },
      { digest: two, manifest: exampleManifest({ seq: 6, previous: one }) },
    ];
    const [last] = circle as [NamedManifest, NamedManifest];
    await expect(anchoredManifests(store(circle).get, last, anchorAt(2), MAX_UNANCHORED)).rejects.toThrow(
      refused('manifest_link'),
    );
  });

  it('waits for one that is missing, unless nobody knows where to stop', async () => {
    const { get: lacking } = store([at(5), at(4)]);
    await expect(anchoredManifests(lacking, at(5), anchorAt(2), MAX_UNANCHORED)).rejects.toThrow(
      expect.objectContaining({ name: 'PreviousMissing', remedy: 'retry' }),
    );
    expect(seqs(await anchoredManifests(lacking, at(5), 'unknown', MAX_UNANCHORED))).toEqual([4, 5]);
  });
});
