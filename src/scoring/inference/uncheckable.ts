import { PPM } from '../../core/units.ts';
import { wilsonLowerPpm } from '../validity.ts';

/** Checks of one miner's answers at a task in a period. */
export interface CheckCounts {
  made: number;
  /** Of them, those that failed, and whose answer may have been why. */
  failed: number;
}

/** z² of 4, in millionths: chance alone is as far off in one of thirty thousand. Each miner is looked at in each period, and an honest one must not pay for bad luck. */
const Z2_OWN = 16_000_000n;

/**
 * Whether checks of a miner's answers fail more often than the checker's own trouble explains, which strikes all alike: the lower bound of its share (Wilson, z = 4)
 * lies above the upper one of the better half of the other miners (95 %). Answers that break their check would else be paid as those that stand it. Half: so that
 * a few keys that all do it don't excuse each other. Of a single miner nobody can tell.
 */
export function breaksChecks(own: CheckCounts, others: readonly CheckCounts[]): boolean {
  const byShare = others.filter(({ made }) => made > 0).sort((a, b) => a.failed * b.made - b.failed * a.made);
  const better = byShare.slice(0, Math.ceil(byShare.length / 2));
  const made = better.reduce((sum, counts) => sum + counts.made, 0);
  const failed = better.reduce((sum, counts) => sum + counts.failed, 0);
  return made > 0 && wilsonLowerPpm(own.failed, own.made, Z2_OWN) > PPM - wilsonLowerPpm(made - failed, made);
}
