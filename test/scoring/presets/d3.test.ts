import { describe, expect, it } from 'vitest';
import { NO_MEMORY, scoreEpoch } from '../../../src/scoring/epoch-scores.ts';
import { d3Points } from '../../../src/scoring/presets/d3.ts';
import { checked, miner, PARAMETERS } from '../fixtures.ts';

describe('the formula of D3', () => {
  // Worked values of its code.
  it.each([
    [100, 2, 3, 0, 7500],
    [100, 0, 3, 0, 2500],
    [50, 1, 3, 1, 625],
  ])('%d rows, rank %d of %d, %d wrong', (rows, rank, miners, wrong, points) => {
    expect(d3Points(rows, rank, miners, wrong)).toBe(points);
  });

  it('scores an epoch: the freshest has the highest rank, the average is .1', () => {
    const parameters = { ...PARAMETERS, formula: 'd3' as const };
    const counts = [
      miner(0, 100, { newest_block: 12 }),
      miner(1, 100, { newest_block: 19 }),
      miner(2, 100, { newest_block: 15, ...checked(29, 1, 0) }),
      miner(3, 0, { newest_block: 0 }),
    ];
    const { scores } = scoreEpoch(counts, NO_MEMORY, parameters);
    expect(scores.map(({ why }) => why.earned)).toEqual([2500, 7500, 2500, 0]);
    expect(scores.map(({ score }) => score)).toEqual([250, 750, 250, 0]);
    expect(scores[1]).toMatchObject({ weight_ppb: 600_000_000, why: { formula: 'd3', rank: 2, miners: 3 } });
  });

  it('keeps within what JSON can hold', () => {
    expect(d3Points(1e9, 9, 9, 0)).toBe(Number.MAX_SAFE_INTEGER);
  });
});
