import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../../src/core/canonical-json.ts';
import type { EvidenceMiner } from '../../src/scoring/evidence.ts';
import { checkEvidence, explain, recompute } from '../../src/scoring/explain.ts';
import type { Formula } from '../../src/scoring/parameters.ts';
import { evidenceOf, miner, PARAMETERS, ROW } from './fixtures.ts';

const counted: EvidenceMiner = {
  ...miner(0, 3, { spot: { valid: 1, invalid: 1, gone: 0, inconclusive: 0 } }),
  rejected: { duplicate: 2 },
  signs: [],
  sample: null,
  verdicts: [
    { id: 'web:a', verdict: 'valid', reason: 'same_text' },
    { id: 'web:b', verdict: 'invalid', reason: 'text_differs' },
  ],
};
const evidence = evidenceOf([counted]);

describe('evidence', () => {
  it.each<Formula>(['seine', 'd3', 'sn13'])('holds when it recomputes, read back from its JSON, by %s', (formula) => {
    const bundle = evidenceOf([counted], { ...PARAMETERS, formula });
    const read = JSON.parse(canonicalJson(bundle)) as typeof bundle;
    expect(checkEvidence(read)).toEqual({ ok: true, problems: [] });
    expect(canonicalJson(recompute(read).weights)).toBe(canonicalJson(bundle.weights_ppb));
    expect(read.scores[0]?.why.formula).toBe(formula);
  });

  it('explains a miner', () => {
    expect(explain(evidence, 0)).toMatchObject({
      rejected: { duplicate: 2 },
      wrong: [{ id: 'web:b' }],
      record: { hotkey: 'hotkey-0', payable_rows: 3 },
    });
    expect(explain(evidence, 7)).toBeNull();
  });

  it('is refuted by a changed score, a changed record and a missing verdict', () => {
    const scores = evidence.scores.map((score) => ({ ...score, score: score.score + 1 }));
    expect(checkEvidence({ ...evidence, scores }).ok).toBe(false);
    const records = evidence.records.map((record) => ({ ...record, credibility_ppm: 1 }));
    expect(checkEvidence({ ...evidence, records }).problems).toEqual([
      'the records are not those that the counts give',
    ]);
    const miners = [{ ...counted, verdicts: counted.verdicts.slice(1) }];
    expect(checkEvidence({ ...evidence, miners }).problems).toEqual(['uid 0: 1 valid stated, 0 verdicts']);
  });

  it.each([
    ['more sampled than payable', { sampled_ppm: { data: 4 * ROW } }],
    ['more unproven than sampled', { unproven_ppm: { data: 4 * ROW } }],
    ['more in groups than payable', { payable_groups: { data: [{ site: 's', author: '', payable_ppm: 4 * ROW }] } }],
  ])('is refuted by %s', (_, changes) => {
    const [problem, ...more] = checkEvidence(evidenceOf([{ ...counted, ...changes }])).problems;
    expect(problem).toMatch(/^uid 0: the sums of pool data don't fit together/);
    expect(more).toEqual([]);
  });
});
