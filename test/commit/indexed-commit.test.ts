import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { StandingCommit } from '../../src/commit/chain-port.ts';
import { encodeCommitment, encodeSecretCommitment } from '../../src/commit/commitment.ts';
import { fromBlock, fromPrevious, idOf, placeOf, placeOfBlock } from '../../src/commit/indexer/indexed-commit.ts';
import type { IndexedCommit } from '../../src/commit/indexer/indexed-commit.ts';
import { subtract } from '../../src/commit/indexer/gaps.ts';
import { exampleManifest, HOTKEY } from './support/example-manifest.ts';

const digest = 'ab'.repeat(32);
const ours = encodeCommitment({ manifest: digest, seq: 4, rows: 10, locator: 'hf:user/repo' });

function standing(content: Partial<StandingCommit>): StandingCommit {
  const place = { netuid: 1, hotkey: HOTKEY, registered: 3, uid: 7, block: 50, blockHash: '0x01', event: 2 };
  return { ...place, kind: 'text', round: null, data: '', ...content } as StandingCommit;
}

describe('a commitment in the index', () => {
  it.each([
    ['manifest', { data: ours }, { digest, seq: 4, rows: 10, locator: 'hf:user/repo' }],
    ['legacy', { data: 'https://huggingface.co/datasets/a/b' }, { digest: null, seq: null, rows: null, locator: null }],
    ['secret', { data: encodeSecretCommitment({ period: 12, digest }) }, { digest: null, seq: null, rows: null }],
    ['timelocked', { kind: 'timelocked', round: 900, data: '' }, { round: 900, digest: null, revealed: null }],
    ['unreadable', { data: '' }, { digest: null }],
    ['unreadable', { data: '\ufffd\ufffd' }, { digest: null }],
  ] as const)('is %s when it says so: %o', (kind, content, expected) => {
    expect(fromBlock(standing(content), 5)).toMatchObject({ ...expected, kind, block: 50, anchoredAt: 50, time: 5 });
  });

  it('that was overwritten counts from the later one and is told apart from it', () => {
    const later = fromBlock(standing({ data: ours }), 5);
    const found = fromPrevious(later, 'cd'.repeat(32), exampleManifest({ seq: 3, previous: digest }));
    expect(found).toMatchObject({ block: 50, event: 2, anchoredAt: null, seq: 3, kind: 'manifest', data: '' });
    expect(idOf(found)).not.toBe(idOf(later));
    expect(placeOf(found)).toBeGreaterThan(placeOf(later));
  });
});

describe('the place of a commitment', () => {
  const commit = fromBlock(standing({ data: ours }), 5);
  const places = fc.record({
    block: fc.nat(150_000_000),
    event: fc.oneof(fc.nat(99_999), fc.constant(null)),
    uid: fc.nat(65_535),
  });
  const at = (place: Pick<IndexedCommit, 'block' | 'event' | 'uid'>): number => placeOf({ ...commit, ...place });

  it('is a safe integer in the order of blocks and events, the unknown event last', () => {
    fc.assert(
      fc.property(places, places, (a, b) => {
        expect(Number.isSafeInteger(at(a))).toBe(true);
        expect(at(a)).toBeGreaterThanOrEqual(placeOfBlock(a.block));
        expect(at(a)).toBeLessThan(placeOfBlock(a.block + 1));
        const order = a.block - b.block || (a.event ?? 1e6 + a.uid) - (b.event ?? 1e6 + b.uid);
        expect(Math.sign(at(a) - at(b))).toBe(Math.sign(order));
      }),
    );
  });
});

describe('gaps', () => {
  it.each([
    [{ from: 1, to: 9 }, []],
    [
      { from: 5, to: 5 },
      [
        { from: 3, to: 4 },
        { from: 6, to: 8 },
      ],
    ],
    [{ from: 1, to: 4 }, [{ from: 5, to: 8 }]],
    [{ from: 6, to: 20 }, [{ from: 3, to: 5 }]],
    [{ from: 9, to: 12 }, [{ from: 3, to: 8 }]],
  ])('of 3 to 8 without %o', (read, left) => {
    expect(subtract([{ from: 3, to: 8 }], read)).toEqual(left);
  });
});
