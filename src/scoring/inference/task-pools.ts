import { InvalidInputError } from '../../core/errors.ts';
import { PPB, PPM } from '../../core/units.ts';
import type { EmissionPool, PoolWeight } from '../emission-pools.ts';
import { mulDiv } from '../mul-div.ts';

/** A task's share of what inference is paid. */
export interface TaskWeight {
  name: string;
  /** Those of all tasks add up to 1,000,000. */
  weight_ppm: number;
}

/** The pool of the emission that is divided among tasks. */
export const INFERENCE_POOL = 'inference';

/** Name of the pool that pays a task. */
export function taskPoolName(pool: string, task: string): string {
  return `${pool}/${task}`;
}

/**
 * One pool for each task, in place of the pool that inference is given: a task that nobody serves is burnt, not paid to others. Shares add
 * up to the pool's; what rounding leaves goes one by one to the first.
 */
export function taskPools(pool: EmissionPool, tasks: readonly TaskWeight[]): EmissionPool[] {
  const weights = tasks.reduce((sum, { weight_ppm }) => sum + weight_ppm, 0);
  if (weights !== PPM) throw new InvalidInputError(`the weights of tasks add up to ${weights}, not ${PPM}`);
  const shares = tasks.map(({ weight_ppm }) => mulDiv(pool.share_ppm, weight_ppm, PPM));
  const left = pool.share_ppm - shares.reduce((sum, share) => sum + share, 0);
  return tasks.map(({ name }, index) => ({
    name: taskPoolName(pool.name, name),
    share_ppm: (shares[index] ?? 0) + (index < left ? 1 : 0),
  }));
}

/** The pools of the emission, that of inference replaced by those of its tasks; without it, or without tasks, as they are. */
export function poolsWithTasks(pools: readonly EmissionPool[], tasks: readonly TaskWeight[]): readonly EmissionPool[] {
  if (tasks.length === 0) return pools;
  return pools.flatMap((pool) => (pool.name === INFERENCE_POOL ? taskPools(pool, tasks) : [pool]));
}

/** Each uid's part of a task's pool: what it earned of the sum, in parts per billion, rounded down; empty where nobody earned. */
export function taskWeights(poolName: string, earned: readonly { uid: number; earned: number }[]): PoolWeight[] {
  const sum = earned.reduce((all, one) => all + BigInt(one.earned), 0n);
  if (sum === 0n) return [];
  return earned
    .filter((one) => one.earned > 0)
    .map((one) => ({
      pool: poolName,
      uid: one.uid,
      weight_ppb: Number((BigInt(one.earned) * BigInt(PPB)) / sum),
    }));
}
