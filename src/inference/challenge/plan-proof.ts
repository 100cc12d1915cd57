import { revealFault } from '../../core/hash/prompt-secret.ts';
import type { PeriodProof } from '../../core/inference-period.ts';
import type { PeriodPlan } from './period-plan.ts';

/** Why a plan's requests are not those that a period's proof fixes; null where they are. @param validator whose evidence the proof is of */
export function planFault(plan: PeriodPlan, proof: PeriodProof, validator: string): string | null {
  const { period, period_ms, seed_block, anchored_block, digest, secret } = proof;
  if (plan.validator !== validator) return "the plan is another validator's";
  if (plan.period !== period || plan.period_ms !== period_ms) return "the plan is another period's";
  if (plan.seed_block.number !== seed_block.number || plan.seed_block.hash !== seed_block.hash) {
    return 'the plan has another seed block';
  }
  // A digest that the chain had no room for still ties the secret to its validator and period.
  const anchored = { validator, period, digest, block: anchored_block ?? seed_block.number - 1 };
  const fault = revealFault(anchored, { validator, period, secret }, seed_block.number);
  return fault === null ? null : `the secret proves nothing: ${fault}`;
}
