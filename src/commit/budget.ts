import type { ByteBudget } from './chain-port.ts';

/** Bytes that the smallest commitment costs. */
export const MIN_COMMITMENT_COST = 100;

/** Whether a commitment of so many bytes fits what is left, or from which block on it does. */
export type BudgetAnswer = { fits: true; leftBytes: number } | { fits: false; refillsAtBlock: number };

/** Bytes that a commitment of `bytes` counts for. */
export function commitmentCost(bytes: number): number {
  return Math.max(MIN_COMMITMENT_COST, bytes);
}

/**
 * Whether a commitment fits the budget when it is sent now, that is, when it stands in the block after `budget.atBlock`. A commitment
 * larger than the whole budget fits in no epoch; that is for the caller to refuse.
 */
export function fitsBudget(budget: ByteBudget, bytes: number): BudgetAnswer {
  const used = budget.atBlock + 1 >= budget.refillsAtBlock ? 0 : budget.usedBytes;
  const leftBytes = budget.maxBytes - used - commitmentCost(bytes);
  return leftBytes >= 0 ? { fits: true, leftBytes } : { fits: false, refillsAtBlock: budget.refillsAtBlock };
}
