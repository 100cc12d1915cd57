import type { CheckResult, DrawInput, ExamineActivities } from '../activities/examine.ts';
import type { ScoreActivities } from '../activities/score.ts';
import type { ControlCounts } from '../src/scoring/carry-over.ts';
import type { SpotCounts } from '../src/scoring/validity.ts';
import { pool } from './pools.ts';

export interface ValidateMinerInput {
  /** SS58 address of the validator. */
  validator: string;
  draw: DrawInput;
}

/** Counts what one miner's commitments of an epoch own and checks a sample of it; gives the digest of the findings. */
export async function validateMiner(input: ValidateMinerInput): Promise<string> {
  const data = pool<ExamineActivities & ScoreActivities>(input.validator, 'data');
  const drawn = await data.drawSample(input.draw);
  const checked: CheckResult[] = [];
  for (const queue of ['http', 'browser'] as const) {
    if (drawn.rows[queue] === 0) continue;
    const checks = pool<ExamineActivities>(input.validator, queue);
    checked.push(await checks.checkSample({ sample: drawn.sample, queue }));
  }
  const verdicts = checked.flatMap((part) => part.verdicts);
  const spot: SpotCounts = { valid: 0, invalid: 0, gone: 0, inconclusive: 0 };
  for (const { verdict } of verdicts) spot[verdict] += 1;
  return await data.keepFindings({
    findings: {
      ...drawn.counts,
      unproven_ppm: addUp(checked.map((part) => part.unproven_ppm)),
      spot,
      controls: addUpControls(checked.map((part) => part.controls)),
      rejected: drawn.rejected,
      signs: drawn.signs,
      sample: drawn.sample,
      verdicts,
    },
  });
}

function addUpControls(parts: readonly ControlCounts[]): ControlCounts {
  const sum = (name: keyof ControlCounts): number => parts.reduce((total, part) => total + part[name], 0);
  return { fetched: sum('fetched'), failed: sum('failed'), misread: sum('misread') };
}

function addUp(parts: readonly Record<string, number>[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const part of parts) for (const [key, value] of Object.entries(part)) sums[key] = (sums[key] ?? 0) + value;
  return sums;
}
