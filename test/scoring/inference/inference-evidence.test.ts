import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../../../src/core/canonical-json.ts';
import type { Evidence } from '../../../src/scoring/evidence.ts';
import { compareEvidence } from '../../../src/scoring/compare.ts';
import { checkEvidence, explain, recompute } from '../../../src/scoring/explain.ts';
import type { InferenceEvidence } from '../../../src/scoring/inference/inference-evidence.ts';
import { evidenceOf, miner, PARAMETERS } from '../fixtures.ts';
import { bundle, proof, RECORDS, WITH_TASKS } from './bundle.ts';
import { sums } from './tallies.ts';

const EVIDENCE = bundle();
const part = EVIDENCE.inference as InferenceEvidence;
const supplier = { ...miner(2, 3), rejected: {}, signs: [], sample: null, verdicts: [] };

/** What is wrong with the bundle where its part about inference is other. */
function problems(changes: Partial<InferenceEvidence>, evidence: Evidence = EVIDENCE): string[] {
  const inference = { ...(evidence.inference as InferenceEvidence), ...changes };
  return checkEvidence({ ...evidence, inference }).problems;
}

describe('evidence of inference', () => {
  it('holds when it recomputes, read back from its JSON', () => {
    const read = JSON.parse(canonicalJson(EVIDENCE)) as Evidence;
    expect(checkEvidence(read)).toEqual({ ok: true, problems: [] });
    expect(canonicalJson(recompute(read).weights)).toBe(canonicalJson(EVIDENCE.weights_ppb));
  });

  it('pays tasks from the pool of inference, and data as before', () => {
    const verdicts = Array.from({ length: 30 }, (_, at) => ({
      ...{ id: `web:${at}`, verdict: 'valid' as const, reason: 'same_text' },
    }));
    const both = bundle([{ ...supplier, verdicts }]);
    expect(checkEvidence(both)).toEqual({ ok: true, problems: [] });
    expect(both.scores.map(({ pool }) => pool)).toEqual(['data']);
    const weights = both.weights_ppb.map(({ uid, weight_ppb }) => [uid, weight_ppb]);
    const [, cheated] = part.scores.filter(({ task }) => task === 'chat');
    const cheat = Math.floor((300_000 * (cheated?.weight_ppb ?? 0)) / 1e6);
    expect(weights).toEqual([
      [2, 600_000_000],
      [5, expect.closeTo(400_000_000 - cheat, -1)],
      [6, cheat],
    ]);
    expect(cheat).toBeLessThan(150_000_000);
    expect(cheat).toBeGreaterThan(0);
  });

  it('is absent from older bundles, which recompute as they did', () => {
    const old = evidenceOf([{ ...supplier, spot: { valid: 0, invalid: 0, gone: 0, inconclusive: 0 } }]);
    const parameters = Object.fromEntries(
      Object.entries(old.parameters).filter(([name]) => !/^(capacity_|inference_)/.test(name)),
    ) as unknown as Evidence['parameters'];
    expect(Object.keys(parameters).length).toBe(Object.keys(PARAMETERS).length - 5);
    expect(checkEvidence({ ...old, parameters })).toEqual({ ok: true, problems: [] });
    expect(recompute({ ...old, parameters }).weights).toEqual(old.weights_ppb);
  });

  it('leaves the pool of inference burnt where nothing was asked', () => {
    const none = evidenceOf([], WITH_TASKS, { burn_uid: 9 });
    expect(none.weights_ppb).toEqual([{ uid: 9, weight_ppb: 1_000_000_000 }]);
  });

  it('finds a changed record', () => {
    const better = RECORDS.map((record) =>
      record.hotkey === '5Cheat' && record.period === 8
        ? { ...record, tally: { ...record.tally, synthetic: sums({ right: 50 }) } }
        : record,
    );
    expect(problems({ records: better })).toEqual([
      'the weights are not those that the scores give',
      'inference: the scores are not those that the records give',
    ]);
    expect(problems({ records: RECORDS.slice(1) })).toContain(
      'inference: what is remembered is not what the records give',
    );
    const [first, ...rest] = RECORDS;
    expect(problems({ records: [first!, first!, ...rest] })).toEqual([
      'inference: chat, period 7, 5Good: there are two records',
    ]);
  });

  it('finds changed memory, scores and tasks', () => {
    const memory = { task: 'chat', hotkey: '5Good', registered: 1, period: 7, paid_ppm: 8e8, paid_before_ppm: 4e8 };
    expect(problems({ before: [memory] })).toContain('inference: the scores are not those that the records give');
    expect(problems({ scores: part.scores.slice(1) })).toEqual([
      'inference: the scores are not those that the records give',
    ]);
    expect(problems({ after: [] })).toEqual(['inference: what is remembered is not what the records give']);
    const tasks = { ...part.tasks, tasks: part.tasks.tasks.map((task) => ({ ...task, timeout_ms: 1 })) };
    expect(problems({ tasks })).toEqual(['inference: the list of tasks has another digest']);
  });

  it('finds requests that came to nothing, or to two things', () => {
    const changed = (changes: object) => [{ ...RECORDS[0]!, ...changes }, ...RECORDS.slice(1)];
    expect(problems({ records: changed({ reasons: { right: 39 } }) })).toEqual([
      'inference: chat, period 7, 5Good: 40 requests stated, 39 with a reason',
    ]);
    const answers = Array.from({ length: 41 }, () => ({ quality_ppm: 0, speed_ppm: 0, elapsed_ms: 0 }));
    expect(problems({ records: changed({ answers }) })).toEqual([
      'inference: chat, period 7, 5Good: 41 answers to 40 requests',
    ]);
    const tally = { ...RECORDS[0]!.tally, requests: { total: 40, limited: 30, failed: 20 } };
    expect(problems({ records: changed({ tally }) })).toEqual([
      'inference: chat, period 7, 5Good: 50 of 40 requests were not answered',
    ]);
  });

  it('finds a period that is of a later epoch', () => {
    expect(problems({ until_ms: part.until_ms - 1 })).toHaveLength(3);
  });

  it.each([
    ['another secret', { secret: 'a'.repeat(64) }, 'it has another digest'],
    ['no secret', { secret: 'A' }, 'it is no 64 hex characters'],
    ['a digest that came too late', { anchored_block: 701 }, 'anchored after the block that seeds'],
    ['another period’s secret', { secret: proof(8, true).secret }, 'it has another digest'],
  ])('finds %s', (_, changes, why) => {
    const [problem, ...more] = problems({ proofs: [{ ...proof(7, true), ...changes }, proof(8, false)] });
    expect(problem).toContain('the secret of period 7 proves nothing');
    expect(problem).toContain(why);
    expect(more).toEqual([]);
  });

  it('finds a proof of another validator, and takes a digest that the chain had no room for', () => {
    expect(checkEvidence({ ...EVIDENCE, validator: '5Other' }).problems).toHaveLength(2);
    expect(problems({ proofs: [{ ...proof(7, true), anchored_block: null }, proof(8, false)] })).toEqual([]);
  });

  it('finds records without proof, and a full load that is none', () => {
    expect(problems({ proofs: [proof(7, true)] })).toEqual([
      'inference: chat, period 8, 5Good: nothing proves its prompts',
      'inference: chat, period 8, 5Cheat: nothing proves its prompts',
      'inference: image, period 8, 5Good: nothing proves its prompts',
    ]);
    // Nothing says when the full load before period 7 was.
    expect(problems({ proofs: [proof(7, false), proof(8, true)] })).toEqual([
      ...['chat, period 7, 5Good', 'chat, period 7, 5Cheat', 'image, period 7, 5Good'].map(
        (of) => `inference: ${of}: it was no full load`,
      ),
      ...['chat, period 8, 5Good', 'chat, period 8, 5Cheat', 'image, period 8, 5Good'].map(
        (of) => `inference: ${of}: a full load that is not counted as one`,
      ),
    ]);
  });
});

describe('full loads', () => {
  const drawn = (periods: [number, boolean][]) => {
    const proofs = periods.map(([period, full_load]) => proof(period, full_load));
    return problems({ proofs, records: [], scores: [], after: [] }).filter((problem) => problem.includes('drawn'));
  };
  const quiet = Array.from({ length: 23 }, (_, index): [number, boolean] => [101 + index, false]);

  it('are those that the seed blocks draw', () => {
    // Right after a full load one period of 24 is drawn: of these none, so the 24th must be.
    expect(drawn([[100, true], ...quiet.slice(0, 5)])).toEqual([]);
    expect(
      drawn([
        [100, true],
        [101, true],
      ]),
    ).toEqual(['inference: period 101 was not drawn to be one of full load']);
    expect(drawn([[100, true], ...quiet, [124, false]]).at(-1)).toBe(
      'inference: period 124 was drawn to be one of full load',
    );
  });

  it('are unknown after a gap, until the next', () => {
    expect(
      drawn([
        [100, true],
        [102, true],
      ]),
    ).toEqual([]);
    expect(
      drawn([
        [99, false],
        [102, true],
        [103, true],
      ]),
    ).toHaveLength(1);
  });
});

describe('explaining a miner that serves models alone', () => {
  it('says what its requests came to', () => {
    const explained = explain(EVIDENCE, 6);
    expect(explained).toMatchObject({ hotkey: '5Cheat', scores: [], record: null, rows_owned: 0 });
    expect(explained?.tasks).toMatchObject([
      {
        ...{ unit: 'tokens', task_share_ppm: 750_000, requests: 50 },
        periods: { count: 2, first: 7, last: 8, full_loads: 1 },
        reasons: [
          { reason: 'right', requests: 40 },
          { reason: 'unlikely_tokens', requests: 7 },
          { reason: 'limited', requests: 3 },
        ],
      },
    ]);
    expect(explain(EVIDENCE, 5)?.tasks.map(({ score }) => score.task)).toEqual(['chat', 'image']);
    expect(explain(EVIDENCE, 7)).toBeNull();
  });
});

describe('comparing two validators', () => {
  it('names other tasks and other scores', () => {
    const other = bundle([], { tasks_digest: 'f'.repeat(64), records: RECORDS.slice(0, 4) });
    const { differences } = compareEvidence(EVIDENCE, other, () => null);
    expect(differences.map(({ part: of, subject }) => [of, subject])).toEqual([
      ['rules', 'tasks'],
      ['score', '5Cheat inference/chat'],
      ['score', '5Good inference/image'],
      ['weight', 'uid 5'],
      ['weight', 'uid 6'],
    ]);
  });
});
