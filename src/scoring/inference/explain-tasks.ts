import type { PeriodRecord, PeriodTally } from '../../core/inference-period.ts';
import type { InferenceEvidence } from './inference-evidence.ts';
import type { InferenceScore } from './inference-scores.ts';

/** A miner's score at a task, with what its requests came to. */
export interface TaskExplanation {
  score: InferenceScore;
  /** What its capacity counts, and the task's share of what inference is paid. */
  unit: string;
  task_share_ppm: number;
  /** Periods that the bundle has records of, the first and the last of them, and how many were full loads. */
  periods: { count: number; first: number; last: number; full_loads: number };
  /** The last of them. */
  newest: PeriodTally;
  requests: number;
  /** Requests of all of them by what came of them, most first. */
  reasons: { reason: string; requests: number }[];
}

/** What came of a miner's requests at each task at which it has a score. */
export function explainTasks(
  { records, tasks }: Pick<InferenceEvidence, 'records' | 'tasks'>,
  scores: readonly InferenceScore[],
  uid: number,
): TaskExplanation[] {
  return scores
    .filter((score) => score.uid === uid)
    .flatMap((score) => {
      const own = records
        .filter(({ task, hotkey, registered }) => {
          return task === score.task && hotkey === score.hotkey && registered === score.registered;
        })
        .sort((a, b) => a.ended_ms - b.ended_ms);
      const [first, last] = [own[0], own.at(-1)];
      if (first === undefined || last === undefined) return [];
      const task = tasks.tasks.find(({ name }) => name === score.task);
      const full_loads = own.filter(({ tally }) => tally.full_load).length;
      return {
        score,
        ...{ unit: task?.unit ?? 'units', task_share_ppm: task?.weight_ppm ?? 0 },
        periods: { count: own.length, first: first.period, last: last.period, full_loads },
        newest: last.tally,
        requests: own.reduce((sum, { tally }) => sum + tally.requests.total, 0),
        reasons: reasonsOf(own),
      };
    });
}

function reasonsOf(records: readonly PeriodRecord[]): TaskExplanation['reasons'] {
  const sums = new Map<string, number>();
  for (const { reasons } of records) {
    for (const [reason, requests] of Object.entries(reasons)) sums.set(reason, (sums.get(reason) ?? 0) + requests);
  }
  return [...sums]
    .map(([reason, requests]) => ({ reason, requests }))
    .sort((a, b) => b.requests - a.requests || (a.reason < b.reason ? -1 : 1));
}
