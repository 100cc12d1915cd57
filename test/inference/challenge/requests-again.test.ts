import { beforeAll, describe, expect, it } from 'vitest';
import { canonicalJson } from '../../../src/core/canonical-json.ts';
import { archivedOutcomes, archivedPlan } from '../../../src/inference/challenge/archived-period.ts';
import type { ArchivedOutcome } from '../../../src/inference/challenge/archived-period.ts';
import { planFault } from '../../../src/inference/challenge/plan-proof.ts';
import { requestsAgain } from '../../../src/inference/challenge/requests-again.ts';
import type { Finding, Material, RequestAgain } from '../../../src/inference/challenge/requests-again.ts';
import { NO_CORPUS } from '../../../src/inference/prompts/prompt-corpus.ts';
import { NO_SEEDS } from '../../../src/inference/prompts/seed-words.ts';
import { requestDigest } from '../../../src/inference/wire/request-bytes.ts';
import { madePeriod, proofOf } from './made-period.ts';
import type { MadePeriod } from './made-period.ts';
import { planOf, SECRET } from './plans.ts';

const NOTHING = { corpus: NO_CORPUS, seeds: NO_SEEDS };
const MINERS = { '5Grw': 4000, '5Fhn': 4000 };
let made: MadePeriod;

beforeAll(async () => {
  made = await madePeriod(planOf(MINERS, { validator: '5Dan' }), NOTHING);
});

async function again(outcomes: readonly ArchivedOutcome[], over: Partial<Material> = {}): Promise<RequestAgain[]> {
  const found: RequestAgain[] = [];
  const material = { recipe: made.recipe, sources: NOTHING, ...over };
  for await (const one of requestsAgain({ plan: made.plan, secret: SECRET }, outcomes, () => material)) found.push(one);
  return found;
}

async function countsOf(outcomes: readonly ArchivedOutcome[], over?: Partial<Material>) {
  const counts: Partial<Record<Finding, number>> = {};
  for (const { finding } of await again(outcomes, over)) counts[finding] = (counts[finding] ?? 0) + 1;
  return counts;
}

/** The outcomes, the first of them other than it was. */
function firstBut(over: Partial<ArchivedOutcome>): ArchivedOutcome[] {
  return made.outcomes.map((outcome, at) => (at === 0 ? { ...outcome, ...over } : outcome));
}

describe('requests made again', () => {
  it('are those that were sent, byte for byte, whichever attempt gave the prompt', async () => {
    const { outcomes } = made;
    expect(outcomes.length).toBeGreaterThan(100);
    expect(await countsOf(outcomes)).toEqual({ same: outcomes.length });
    const [first] = await again(outcomes);
    expect(requestDigest(first!.composed!)).toBe(outcomes[0]!.request);
    expect(first!.seed).toMatch(/^[0-9a-f]{64}$/);
  });

  it('are made of the attempt that is noted', async () => {
    const rest = made.outcomes.length - 1;
    const { composed } = (await again(firstBut({ attempt: 3 })))[0]!;
    expect(await countsOf(firstBut({ attempt: 3 }))).toEqual({ other_request: 1, same: rest });
    expect(await countsOf(firstBut({ attempt: 3, request: requestDigest(composed!) }))).toEqual({ same: rest + 1 });
    expect(await countsOf(firstBut({ attempt: 20 }))).toEqual({ attempt: 1, same: rest });
  });

  const wrong: [Finding, Partial<ArchivedOutcome>][] = [
    ['other_request', { request: '0'.repeat(64) }],
    ['other_units', { units: 1 }],
    ['other_slot', { slot: 999 }],
    ['no_digest', { request: null }],
    ['not_sent', { outcome: 'skipped', reason: 'no_prompt', request: null, recipe: null }],
    ['not_sent', { outcome: 'failed', reason: 'no_turn', request: null, recipe: null }],
  ];
  it.each(wrong)('say %s where the outcome has %o', async (finding, over) => {
    expect(await countsOf(firstBut(over))).toEqual({ [finding]: 1, same: made.outcomes.length - 1 });
  });

  it('say what was not planned, has two outcomes, or none', async () => {
    const [first, ...rest] = made.outcomes as [ArchivedOutcome, ...ArchivedOutcome[]];
    expect(await countsOf(rest)).toEqual({ missing: 1, same: rest.length });
    expect(await countsOf([first, first, ...rest])).toEqual({ twice: 1, same: rest.length + 1 });
    expect(await countsOf([...made.outcomes, { ...first, index: 99_999 }])).toEqual({
      ...{ not_planned: 1, same: rest.length + 1 },
    });
  });

  it('are not said to be the same where a model wrote them, or other datasets are at hand', async () => {
    const all = made.outcomes.length;
    expect(await countsOf(made.outcomes, { recipe: { ...made.recipe, prompt_model: true } })).toEqual({
      by_engine: all,
    });
    expect(await countsOf(made.outcomes, { sources: null })).toEqual({ other_sources: all });
    expect(await countsOf(firstBut({ units: 1 }), { sources: null })).toEqual({
      other_sources: all - 1,
      other_units: 1,
    });
  });
});

describe('an archived plan', () => {
  it('is read as it was written, and one that would never end is refused', () => {
    const text = canonicalJson(made.plan);
    expect(archivedPlan(text)).toEqual(made.plan);
    expect(() => archivedPlan(canonicalJson({ ...made.plan, most_requests: 10 ** 12 }))).toThrow('requests');
    expect(() => archivedPlan(canonicalJson({ ...made.plan, closes_ms: 10 ** 15 }))).toThrow('longer than its period');
    expect(() => archivedPlan('{')).toThrow('not JSON');
    expect(() => [...archivedOutcomes('{"miner":1}\n')]).toThrow('miner');
  });

  it('fits its proof only', () => {
    const { plan } = made;
    const proof = proofOf(plan);
    expect(planFault(plan, proof, '5Dan')).toBeNull();
    expect(planFault(plan, proof, '5Grw')).toContain("another validator's");
    expect(planFault({ ...plan, period: 8 }, proof, '5Dan')).toContain("another period's");
    expect(planFault({ ...plan, seed_block: { ...plan.seed_block, number: 1 } }, proof, '5Dan')).toContain(
      'seed block',
    );
    expect(planFault(plan, { ...proof, secret: 'cd'.repeat(32) }, '5Dan')).toContain('wrong_digest');
  });
});
