import { describe, expect, it } from 'vitest';
import { fitsBudget } from '../../../src/commit/budget.ts';
import { dividedEpoch, readBudget, readEpoch, readRateLimit } from '../../../src/commit/subtensor/epochs.ts';
import type { View } from '../../../src/commit/subtensor/storage.ts';

/** A view of a chain of spec 218: it divides blocks into epochs and limits commitments by blocks. */
function oldChain(block: number, items: Record<string, unknown>, constants: Record<string, unknown> = {}): View {
  return {
    block: { number: block, hash: '0x' },
    has: (pallet, item) => `${pallet}.${item}` in items,
    answers: () => false,
    get: (pallet, item) => Promise.resolve(items[`${pallet}.${item}`] ?? null),
    constant: (pallet, name) => constants[`${pallet}.${name}`] ?? null,
    entries: () => Promise.resolve([]),
    call: () => Promise.reject(new Error('not there')),
    events: () => Promise.resolve([]),
  };
}

const TEMPO = { 'subtensorModule.tempo': 360 };

describe('epochs of chains that divide blocks', () => {
  it('start where (block + netuid + 1) is a multiple of (tempo + 1)', async () => {
    expect(dividedEpoch(3608, 1, 360)).toEqual({ index: 10, startBlock: 3608, tempo: 360, nextStartBlock: 3969 });
    expect(dividedEpoch(3607, 1, 360)).toEqual({ index: 9, startBlock: 3247, tempo: 360, nextStartBlock: 3608 });
    expect(await readEpoch(oldChain(3608, TEMPO), 1)).toEqual(dividedEpoch(3608, 1, 360));
    expect(dividedEpoch(5, 1, 0).nextStartBlock).toBe(Number.MAX_SAFE_INTEGER);
  });
});

describe('budgets of chains that limit commitments by blocks', () => {
  const limited = { ...TEMPO, 'commitments.rateLimit': 100 };

  it('are one commitment in so many blocks', async () => {
    const never = await readBudget(oldChain(5000, limited), 1, 'hotkey');
    expect(never).toMatchObject({ usedBytes: 0, maxBytes: 128, refillsAtBlock: 5001 });
    expect(fitsBudget(never, 128).fits).toBe(true);
    expect(fitsBudget(never, 129).fits).toBe(false);

    const early = await readBudget(oldChain(5098, { ...limited, 'commitments.lastCommitment': 5000 }), 1, 'hotkey');
    expect(fitsBudget(early, 60)).toEqual({ fits: false, refillsAtBlock: 5100 });
    const due = await readBudget(oldChain(5099, { ...limited, 'commitments.lastCommitment': 5000 }), 1, 'hotkey');
    expect(fitsBudget(due, 60).fits).toBe(true);
  });

  it('take the limit from storage, else from a constant of either name', async () => {
    expect(await readRateLimit(oldChain(1, limited))).toEqual({ kind: 'blocks', blocks: 100 });
    for (const name of ['rateLimit', 'defaultRateLimit']) {
      const view = oldChain(1, TEMPO, { [`commitments.${name}`]: 70 });
      expect(await readRateLimit(view)).toEqual({ kind: 'blocks', blocks: 70 });
    }
    const bytes = oldChain(1, { 'commitments.maxSpace': 3100 });
    expect(await readRateLimit(bytes)).toEqual({ kind: 'bytes', bytesPerEpoch: 3100 });
  });
});
