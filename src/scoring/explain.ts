import { canonicalJson } from '../core/canonical-json.ts';
import { checkedMiner } from './checked-miner.ts';
import type { MinerScore } from './epoch-scores.ts';
import type { Evidence, EvidenceMiner } from './evidence.ts';
import { inferenceProblems } from './inference/check-inference.ts';
import { explainTasks } from './inference/explain-tasks.ts';
import type { TaskExplanation } from './inference/explain-tasks.ts';
import { scoreAll } from './score-all.ts';
import type { AllScores } from './score-all.ts';
import type { Sign } from './signs.ts';
import type { TrackRecord } from './track-record.ts';
import type { Verdict } from './verdict.ts';

/** Computes an epoch's scores, records and weights again from its evidence, offline. */
export function recompute(evidence: Evidence): AllScores {
  const { miners, parameters, burn_uid } = evidence;
  const previous = { scores: evidence.previous_scores, records: evidence.previous_records };
  return scoreAll(miners, previous, parameters, burn_uid, evidence.inference ?? null);
}

/** Whether the scores in the bundle are those that its numbers give, and its counts those of its verdicts. */
export function checkEvidence(evidence: Evidence): { ok: boolean; problems: string[] } {
  const problems: string[] = [];
  const { scores, records, inference, weights } = recompute(evidence);
  if (canonicalJson(scores) !== canonicalJson(evidence.scores)) {
    problems.push('the scores are not those that the counts give');
  }
  if (canonicalJson(records) !== canonicalJson(evidence.records)) {
    problems.push('the records are not those that the counts give');
  }
  if (canonicalJson(weights) !== canonicalJson(evidence.weights_ppb)) {
    problems.push('the weights are not those that the scores give');
  }
  for (const miner of evidence.miners) {
    for (const verdict of ['valid', 'invalid', 'gone', 'inconclusive'] as const) {
      const counted = miner.verdicts.filter((item) => item.verdict === verdict).length;
      if (counted !== miner.spot[verdict]) {
        problems.push(`uid ${miner.uid}: ${miner.spot[verdict]} ${verdict} stated, ${counted} verdicts`);
      }
    }
    problems.push(...wrongSums(miner));
  }
  if (evidence.inference !== undefined && inference !== null) {
    const { capacity_window_periods: window } = evidence.parameters;
    problems.push(...inferenceProblems(evidence.inference, inference, evidence.validator, window));
  }
  return { ok: problems.length === 0, problems };
}

/** A part can't be more than the whole that it is of. */
function wrongSums({ uid, payable_ppm, payable_groups, sampled_ppm, unproven_ppm }: EvidenceMiner): string[] {
  const pools = [...new Set([payable_groups, sampled_ppm, unproven_ppm].flatMap((sums) => Object.keys(sums)))].sort();
  return pools.flatMap((pool) => {
    const [payable, sampled, unproven] = [payable_ppm, sampled_ppm, unproven_ppm].map((sums) => sums[pool] ?? 0);
    const grouped = (payable_groups[pool] ?? []).reduce((sum, group) => sum + group.payable_ppm, 0);
    const sums = { payable: payable ?? 0, grouped, sampled: sampled ?? 0, unproven: unproven ?? 0 };
    if (sums.grouped <= sums.payable && sums.sampled <= sums.payable && sums.unproven <= sums.sampled) return [];
    return [`uid ${uid}: the sums of pool ${pool} don't fit together: ${canonicalJson(sums)}`];
  });
}

/** A miner's scores in one epoch, with the verdicts that a person wants to read first: what was wrong. */
export interface Explanation {
  uid: number;
  hotkey: string;
  /** One in each pool. */
  scores: MinerScore[];
  /** One at each task. */
  tasks: TaskExplanation[];
  /** What is remembered of it after this epoch. */
  record: TrackRecord | null;
  /** Over all pools. */
  weight_ppb: number;
  rows_verified: number;
  rows_owned: number;
  rejected: Record<string, number>;
  /** Why more rows were checked than of others; none as a rule. */
  signs: Sign[];
  wrong: Verdict[];
}

/** Why the miner with this uid scored what it did; null when it is not in the bundle. */
export function explain(evidence: Evidence, uid: number): Explanation | null {
  const miner = evidence.miners.find((item) => item.uid === uid);
  const { scores, records, inference, weights } = recompute(evidence);
  const tasks = evidence.inference === undefined ? [] : explainTasks(evidence.inference, inference?.scores ?? [], uid);
  const hotkey = miner?.hotkey ?? tasks[0]?.score.hotkey;
  if (hotkey === undefined) return null;
  const weight_ppb = weights.find((item) => item.uid === uid)?.weight_ppb ?? 0;
  if (miner === undefined) return { uid, hotkey, tasks, weight_ppb, ...NO_DATA };
  const { goneCounts } = checkedMiner(miner, evidence.parameters.not_found_baseline_ppm);
  return {
    ...{ uid, hotkey, tasks, weight_ppb },
    scores: scores.filter((score) => score.uid === uid),
    record: records[evidence.miners.indexOf(miner)] ?? null,
    rows_verified: miner.rows_verified,
    rows_owned: miner.rows_owned,
    rejected: miner.rejected,
    signs: miner.signs.filter(({ share_ppm, limit_ppm }) => share_ppm > limit_ppm),
    wrong: miner.verdicts.filter((item) => item.verdict === 'invalid' || (goneCounts && item.verdict === 'gone')),
  };
}

/** A miner that serves models alone. */
const NO_DATA = { scores: [], record: null, rows_verified: 0, rows_owned: 0, rejected: {}, signs: [], wrong: [] };
