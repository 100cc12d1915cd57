import { drawPpm, isFullLoad } from '../../../src/scoring/inference/full-load.ts';
import { CAPACITY_PARAMETERS } from '../../../src/scoring/inference/paid-capacity.ts';
import type { AnswerSums, PeriodTally } from '../../../src/core/inference-period.ts';
import { taskEarnings } from '../../../src/scoring/inference/task-earnings.ts';
import type { InferenceFormula, TaskReasons } from '../../../src/scoring/inference/task-earnings.ts';
import type { CheckedAnswer } from '../../../src/core/inference-period.ts';
import type { TaskEarning } from '../../../src/scoring/inference/task-miner.ts';
import { testedSharePpm } from '../../../src/scoring/inference/vision/tested-share.ts';
import { mulDiv } from '../../../src/scoring/mul-div.ts';
import { sums } from './tallies.ts';

/** Keys of one machine, what each states in a period, and in which order the machine serves them. */
export interface Machine {
  keys: number;
  states: (key: number, period: number) => number;
  /** Units that the machine can serve in a period. */
  capacity: number;
  /** Whether its first key in a period is another than in the last. */
  rotates?: boolean;
  /** What it refuses by 429 of each hundred requests, and what of a hundred units those are. */
  refuses?: { requests: number; units: number };
  organic?: (served: number) => Partial<AnswerSums>;
}

const TASK = { timeout_ms: 12_000, open: false };
const ANSWERS: CheckedAnswer[] = Array.from({ length: 5 }, () => ({
  ...{ quality_ppm: 1e6, speed_ppm: 1e6, elapsed_ms: 0 },
}));
/** Requests of a period; units are shared out among them. */
const REQUESTS = 1000;

/**
 * What machines earn in each period, key by key. The published formulas are played with the published shares of capacity alone; ours with periods of
 * full load besides.
 */
export function play(
  machines: readonly Machine[],
  formula: InferenceFormula,
  count: number,
): TaskEarning<TaskReasons>[][][] {
  const keys = machines.flatMap((machine, index) =>
    Array.from({ length: machine.keys }, (_, key) => ({ index, key, periods: [] as PeriodTally[], paid: 0 })),
  );
  let since: number | null = null;
  const all: TaskEarning<TaskReasons>[][][] = [];
  for (let period = 0; period < count; period += 1) {
    const isFull: boolean = formula === 'seine' && isFullLoad(drawPpm(`full.${period}`), since, 24);
    since = isFull ? 1 : (since ?? 0) + 1;
    for (const [index, machine] of machines.entries()) {
      const own = keys.filter((key) => key.index === index);
      const tallies = tallied(machine, period, isFull);
      own.forEach((key) => key.periods.unshift(tallies[key.key] as PeriodTally));
    }
    const miners = keys.map(({ periods, paid }, uid) => {
      return { uid, periods: periods.slice(0, 24), answers: ANSWERS, paid_before_ppm: paid };
    });
    const earned = taskEarnings(miners, TASK, formula, CAPACITY_PARAMETERS);
    earned.forEach(({ reasons }, uid) => {
      const key = keys[uid];
      if (key !== undefined && 'paid_ppm' in reasons) key.paid = reasons.paid_ppm;
    });
    all.push(machines.map((_, index) => earned.filter(({ uid }) => keys[uid]?.index === index)));
  }
  return all;
}

/** Mean income of the first machine as a share of the second's, which is honest. */
export function incomeShare(played: TaskEarning<TaskReasons>[][][]): number {
  const income = (index: number) =>
    played.reduce((sum, machines) => sum + (machines[index] ?? []).reduce((all, { earned }) => all + earned, 0), 0);
  return income(0) / income(1);
}

function tallied(machine: Machine, period: number, isFull: boolean): PeriodTally[] {
  const { keys, capacity, refuses = { requests: 0, units: 0 } } = machine;
  let left = capacity;
  const tallies: PeriodTally[] = [];
  for (let turn = 0; turn < keys; turn += 1) {
    const key = machine.rotates ? (turn + period) % keys : turn;
    const owed = machine.states(key, period);
    const share = isFull ? 1e6 : testedSharePpm(drawPpm(`share.${period}.${key}`));
    const asked = mulDiv(owed, share, 1e6);
    const right = Math.min(left, mulDiv(asked, 100 - refuses.units, 100));
    left -= right;
    const answered = asked === 0 ? 0 : mulDiv(REQUESTS, right, asked);
    const byNumber = refuses.units > 0 ? (REQUESTS * (100 - refuses.requests)) / 100 : answered;
    tallies[key] = {
      ...{ stated: owed, owed, full_load: isFull },
      synthetic: sums({ right, limited: asked - right }),
      organic: sums(machine.organic?.(right) ?? {}),
      requests: { total: asked === 0 ? 0 : REQUESTS, limited: asked === 0 ? 0 : REQUESTS - byNumber, failed: 0 },
    };
  }
  return tallies;
}
