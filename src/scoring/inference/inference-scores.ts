import type { CheckedAnswer, PeriodRecord, PeriodTally } from '../../core/inference-period.ts';
import { periodOf } from './inference-task.ts';
import type { InferenceTask } from './inference-task.ts';
import { paidCapacity } from './paid-capacity.ts';
import type { CapacityParameters } from './paid-capacity.ts';
import { taskEarnings } from './task-earnings.ts';
import type { InferenceFormula, TaskReasons } from './task-earnings.ts';
import type { TaskMiner } from './task-miner.ts';
import { taskPoolName, taskWeights } from './task-pools.ts';
import { MOST_ANSWERS } from './vision/task-scores.ts';

/** A key and the registration that its scores belong to. */
export interface InferenceMiner {
  uid: number;
  hotkey: string;
  registered: number;
}

/** What was paid of a miner's capacity, remembered from one epoch to the next. */
export interface PaidMemory {
  task: string;
  hotkey: string;
  registered: number;
  /** The newest period that was counted. */
  period: number;
  /** What was paid in it, and in the one before it, in millionths of a unit. */
  paid_ppm: number;
  paid_before_ppm: number;
}

/** A miner's score at one task. */
export interface InferenceScore extends InferenceMiner {
  task: string;
  /** The pool that pays the task. */
  pool: string;
  /** Millionths of a unit; with a published formula parts per billion of the task. */
  earned: number;
  /** Parts per billion of the pool. */
  weight_ppb: number;
  reasons: TaskReasons;
}

export interface InferenceParameters extends CapacityParameters {
  inference_formula: InferenceFormula;
}

/** What an epoch's scores at tasks are computed from. */
export interface InferenceInput {
  /** The pool of the emission that tasks are paid from. */
  pool: string;
  tasks: readonly InferenceTask[];
  /**
   * What was seen, in any order: of the periods since the last epoch that was scored, and of `capacity_window_periods` before the first of them. With fewer, what was
   * shown before them is forgotten.
   */
  records: readonly PeriodRecord[];
  /** Periods in which this validator asked: a miner without a record in one of them stated nothing. */
  periods: readonly { period_ms: number; period: number }[];
  miners: readonly InferenceMiner[];
  before: readonly PaidMemory[];
}

export interface InferenceScores {
  /** By task, then by miner; one of each miner that has a record at the task. */
  scores: InferenceScore[];
  memory: PaidMemory[];
}

/** A miner at a task in all that is looked back on. */
interface History extends InferenceMiner {
  /** Newest first; from the first period in which it stated anything. */
  periods: { period: number; tally: PeriodTally }[];
  records: PeriodRecord[];
}

/**
 * Scores of an epoch at each task. What is paid of a capacity grows by the period, and an epoch may hold several periods or none: those that are newer than what is
 * remembered are gone through one by one, and the newest decides what is earned. Without a new one it is what it was. Memory belongs to a
 * registration and dies with it.
 */
export function inferenceScores(input: InferenceInput, parameters: InferenceParameters): InferenceScores {
  const tasks = input.tasks.map((task) => scoreTask(task, input, parameters));
  return { scores: tasks.flatMap(({ scores }) => scores), memory: tasks.flatMap(({ memory }) => memory) };
}

function scoreTask(task: InferenceTask, input: InferenceInput, parameters: InferenceParameters): InferenceScores {
  const histories = historiesOf(task, input);
  const before = new Map(input.before.filter((item) => item.task === task.name).map((item) => [keyOf(item), item]));
  const paidBefore = histories.map((history) => paidBeforeNewest(history, before.get(keyOf(history)), parameters));
  const miners = histories.map((history, index): TaskMiner => ({
    uid: history.uid,
    periods: history.periods.slice(0, parameters.capacity_window_periods).map(({ tally }) => tally),
    answers: newestAnswers(history.records),
    paid_before_ppm: paidBefore[index] ?? 0,
  }));
  const earnings = taskEarnings(miners, task, parameters.inference_formula, parameters);
  const pool = taskPoolName(input.pool, task.name);
  const weights = new Map(taskWeights(pool, earnings).map(({ uid, weight_ppb }) => [uid, weight_ppb]));
  const scores = histories.map((history, index): InferenceScore => {
    const { earned, reasons } = earnings[index] as (typeof earnings)[number];
    const { uid, hotkey, registered } = history;
    return {
      ...{ task: task.name, pool, uid, hotkey, registered, earned },
      ...{ weight_ppb: weights.get(uid) ?? 0, reasons },
    };
  });
  const memory = histories.map(({ hotkey, registered, periods }, index): PaidMemory => {
    const paid_before_ppm = paidBefore[index] ?? 0;
    const { paid_ppm } = paidCapacity(talliesOf(periods), paid_before_ppm, parameters);
    const period = periods[0]?.period ?? 0;
    return { task: task.name, hotkey, registered, period, paid_ppm, paid_before_ppm };
  });
  return { scores, memory };
}

function historiesOf(task: InferenceTask, { records, periods, miners }: InferenceInput): History[] {
  // A number counts periods of one length: those of another are of a time before the task was changed.
  const own = records.filter((record) => record.task === task.name && periodOf(record, task) === record.period);
  const asked = periods.filter(({ period_ms }) => period_ms === task.period_ms).map(({ period }) => period);
  const timeline = [...new Set([...own.map(({ period }) => period), ...asked])].sort((a, b) => b - a);
  const byMiner = new Map<string, Map<number, PeriodRecord>>();
  for (const record of own) {
    const known = byMiner.get(keyOf(record)) ?? new Map<number, PeriodRecord>();
    byMiner.set(keyOf(record), known.set(record.period, record));
  }
  return miners.flatMap(({ uid, hotkey, registered }) => {
    const known = byMiner.get(keyOf({ hotkey, registered }));
    if (known === undefined) return [];
    const first = Math.min(...known.keys());
    const since = timeline.filter((period) => period >= first);
    return {
      ...{ uid, hotkey, registered },
      periods: since.map((period) => ({ period, tally: known.get(period)?.tally ?? NOTHING_STATED })),
      records: since.flatMap((period) => known.get(period) ?? []),
    };
  });
}

/** What was paid in the period before the newest, which the newest may double. */
function paidBeforeNewest(
  { periods }: History,
  memory: PaidMemory | undefined,
  parameters: CapacityParameters,
): number {
  const newest = periods[0]?.period ?? 0;
  // What is remembered of a later period counted periods of another length.
  const last = memory === undefined || memory.period > newest ? undefined : memory;
  if (last?.period === newest) return last.paid_before_ppm;
  const fresh = periods.filter(({ period }) => last === undefined || period > last.period).length;
  let paid = last?.paid_ppm ?? 0;
  for (let age = fresh - 1; age > 0; age -= 1) {
    paid = paidCapacity(talliesOf(periods.slice(age)), paid, parameters).paid_ppm;
  }
  return paid;
}

function newestAnswers(records: readonly PeriodRecord[]): CheckedAnswer[] {
  const newest: CheckedAnswer[] = [];
  for (const { answers } of records) {
    newest.push(...answers.slice(0, MOST_ANSWERS - newest.length));
    if (newest.length === MOST_ANSWERS) break;
  }
  return newest;
}

function talliesOf(periods: History['periods']): PeriodTally[] {
  return periods.map(({ tally }) => tally);
}

function keyOf({ hotkey, registered }: { hotkey: string; registered: number }): string {
  return `${hotkey} ${registered}`;
}

const NO_ANSWERS = { right: 0, wrong: 0, unchecked: 0, limited: 0, beyond: 0, failed: 0, worth_ppm: 0 };
const NOTHING_STATED: PeriodTally = {
  ...{ stated: 0, owed: 0, full_load: false, synthetic: NO_ANSWERS, organic: NO_ANSWERS },
  requests: { total: 0, limited: 0, failed: 0 },
};
