import { describe, expect, it } from 'vitest';
import { commitmentCost, fitsBudget } from '../../src/commit/budget.ts';

const budget = { usedBytes: 3000, maxBytes: 3100, epoch: 4, refillsAtBlock: 100, atBlock: 50 };

describe('fitsBudget', () => {
  it('counts at least 100 bytes', () => {
    expect(commitmentCost(1)).toBe(100);
    expect(commitmentCost(101)).toBe(101);
    expect(fitsBudget(budget, 1)).toEqual({ fits: true, leftBytes: 0 });
    expect(fitsBudget({ ...budget, usedBytes: 3001 }, 1)).toEqual({ fits: false, refillsAtBlock: 100 });
  });

  it('counts the next epoch when the next block begins it', () => {
    const full = { ...budget, usedBytes: 3100 };
    expect(fitsBudget({ ...full, atBlock: 98 }, 100).fits).toBe(false);
    expect(fitsBudget({ ...full, atBlock: 99 }, 100)).toEqual({ fits: true, leftBytes: 3000 });
  });
});
