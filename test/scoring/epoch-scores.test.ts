import { describe, expect, it } from 'vitest';
import { scoreEpoch } from '../../src/scoring/epoch-scores.ts';
import type { MinerCounts } from '../../src/scoring/epoch-scores.ts';
import type { Evidence, EvidenceMiner } from '../../src/scoring/evidence.ts';
import { checkEvidence, explain } from '../../src/scoring/explain.ts';

const PARAMETERS = {
  pools: [{ name: 'data', share_ppm: 1_000_000 }],
  score_alpha_ppm: 300_000,
  curve_exponent_milli: 1500,
  not_found_baseline_ppm: 100_000,
  sample_rows: 30,
  sample_payable_share_ppm: 800_000,
  fetch_deadline_blocks: 10,
  max_unanchored: 8,
  renewed_after_blocks: 216_000,
  mirror_blocks: 216_000,
};
const ROW = 1_000_000;

function miner(uid: number, payable: number, changes: Partial<MinerCounts> = {}): MinerCounts {
  return {
    ...{ uid, hotkey: `hotkey-${uid}`, registered: 1, rows_verified: payable, rows_owned: payable },
    ...{
      payable_ppm: { data: payable * ROW },
      unproven_ppm: {},
      spot: { valid: 30, invalid: 0, gone: 0, inconclusive: 0 },
    },
    ...changes,
  };
}

describe('scoreEpoch', () => {
  it('pays unique rows by the curve', () => {
    const [first, second] = scoreEpoch([miner(0, 100), miner(1, 50)], [], PARAMETERS);
    expect(first?.score).toBe(30 * ROW);
    expect(second?.score).toBe(15 * ROW);
    // 1 and (1/2)^1.5 = .353553
    expect(first?.weight_ppb).toBeCloseTo(1e9 / 1.353553391, -2);
    expect((first?.weight_ppb ?? 0) + (second?.weight_ppb ?? 0)).toBeLessThanOrEqual(1e9);
  });

  it('pays nothing for rows sampled and not seen, and less for the others', () => {
    const spot = { valid: 6, invalid: 0, gone: 20, inconclusive: 0 };
    const [copier] = scoreEpoch([miner(2, 20, { unproven_ppm: { data: 20 * ROW }, spot })], [], PARAMETERS);
    expect(copier).toMatchObject({ score: 0, weight_ppb: 0, why: { gone_counts_as_invalid: true } });
  });

  it('carries a score on by hotkey and registration', () => {
    const previous = [
      { pool: 'data', hotkey: 'hotkey-0', registered: 1, score: 100 * ROW },
      { pool: 'data', hotkey: 'hotkey-1', registered: 0, score: 100 * ROW },
    ];
    const [same, again] = scoreEpoch([miner(0, 0), miner(1, 0)], previous, PARAMETERS);
    expect(same?.score).toBe(70 * ROW);
    expect(again?.score).toBe(0);
  });

  it('does not depend on what else a miner could be split into', () => {
    const [whole] = scoreEpoch([miner(0, 100), miner(9, 100)], [], PARAMETERS);
    const parts = scoreEpoch([miner(1, 50), miner(2, 50), miner(9, 100)], [], PARAMETERS).slice(0, 2);
    expect(parts.reduce((sum, part) => sum + part.weight_ppb, 0)).toBeLessThanOrEqual(whole?.weight_ppb ?? 0);
  });
});

describe('evidence', () => {
  const counted: EvidenceMiner = {
    ...miner(0, 3, { spot: { valid: 1, invalid: 1, gone: 0, inconclusive: 0 } }),
    rejected: { duplicate: 2 },
    sample: null,
    verdicts: [
      { id: 'web:a', verdict: 'valid', reason: 'same_text' },
      { id: 'web:b', verdict: 'invalid', reason: 'text_differs' },
    ],
  };
  const evidence: Evidence = {
    ...{ version: 1, netuid: 1, validator: 'v', epoch: 3, start: 10, end: 20 },
    seed_block: { number: 31, hash: '0x00' },
    ...{ parameters: PARAMETERS, wanted: '', commits: [], miners: [counted], previous: null, previous_scores: [] },
    ...{
      scores: scoreEpoch([counted], [], PARAMETERS),
      burn_uid: null,
      weights_ppb: [{ uid: 0, weight_ppb: 1e9 }],
      weights: { uids: [0], values: [65_535] },
    },
  };

  it('holds when it recomputes', () => {
    expect(checkEvidence(evidence)).toEqual({ ok: true, problems: [] });
    expect(explain(evidence, 0)).toMatchObject({ rejected: { duplicate: 2 }, wrong: [{ id: 'web:b' }] });
    expect(explain(evidence, 7)).toBeNull();
  });

  it('is refuted by a changed score and by a missing verdict', () => {
    const scores = evidence.scores.map((score) => ({ ...score, score: score.score + 1 }));
    expect(checkEvidence({ ...evidence, scores }).ok).toBe(false);
    const miners = [{ ...counted, verdicts: counted.verdicts.slice(1) }];
    expect(checkEvidence({ ...evidence, miners }).problems).toEqual(['uid 0: 1 valid stated, 0 verdicts']);
  });
});
