import { canonicalJson } from '../core/canonical-json.ts';
import { emissionWeights } from './emission-pools.ts';
import type { UidWeight } from './emission-pools.ts';
import { scoreEpoch } from './epoch-scores.ts';
import type { MinerScore } from './epoch-scores.ts';
import type { Evidence } from './evidence.ts';
import { goneAboveBaseline } from './validity.ts';
import type { Verdict } from './verdict.ts';

/** Computes an epoch's scores and weights again from its evidence, offline. */
export function recompute(evidence: Evidence): { scores: MinerScore[]; weights: UidWeight[] } {
  const scores = scoreEpoch(evidence.miners, evidence.previous_scores, evidence.parameters);
  return { scores, weights: emissionWeights(evidence.parameters.pools, scores, evidence.burn_uid) };
}

/** Whether the scores in the bundle are those that its numbers give, and its counts those of its verdicts. */
export function checkEvidence(evidence: Evidence): { ok: boolean; problems: string[] } {
  const problems: string[] = [];
  const { scores, weights } = recompute(evidence);
  if (canonicalJson(scores) !== canonicalJson(evidence.scores)) {
    problems.push('the scores are not those that the counts give');
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
  }
  return { ok: problems.length === 0, problems };
}

/** A miner's scores in one epoch, with the verdicts that a person wants to read first: what was wrong. */
export interface Explanation {
  uid: number;
  hotkey: string;
  /** One in each pool. */
  scores: MinerScore[];
  /** Over all pools. */
  weight_ppb: number;
  rows_verified: number;
  rows_owned: number;
  rejected: Record<string, number>;
  wrong: Verdict[];
}

/** Why the miner with this uid scored what it did; null when it is not in the bundle. */
export function explain(evidence: Evidence, uid: number): Explanation | null {
  const miner = evidence.miners.find((item) => item.uid === uid);
  if (miner === undefined) return null;
  const { scores, weights } = recompute(evidence);
  const goneCounts = goneAboveBaseline(miner.spot, evidence.parameters.not_found_baseline_ppm);
  return {
    uid,
    hotkey: miner.hotkey,
    scores: scores.filter((score) => score.uid === uid),
    weight_ppb: weights.find((item) => item.uid === uid)?.weight_ppb ?? 0,
    rows_verified: miner.rows_verified,
    rows_owned: miner.rows_owned,
    rejected: miner.rejected,
    wrong: miner.verdicts.filter((item) => item.verdict === 'invalid' || (goneCounts && item.verdict === 'gone')),
  };
}
