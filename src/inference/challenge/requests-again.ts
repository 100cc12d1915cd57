import { composedRequest, composeTexts, requestUnits } from '../prompts/compose-request.ts';
import type { PromptSources } from '../prompts/compose-request.ts';
import { attemptDraws, MOST_ATTEMPTS } from '../prompts/fresh-prompt.ts';
import type { PromptRecipe } from '../prompts/prompt-recipe.ts';
import { promptSeed } from '../prompts/prompt-seed.ts';
import { IMAGE_INPUT_KINDS } from '../tasks/task.ts';
import { requestVolume } from '../volume.ts';
import type { TaskRequest } from '../wire/request.ts';
import { requestDigest } from '../wire/request-bytes.ts';
import type { ArchivedOutcome } from './archived-period.ts';
import type { PeriodPlan } from './period-plan.ts';
import { scheduleOf } from './planned-queries.ts';
import type { PlannedQuery } from './planned-queries.ts';

/** What making a request again showed, and whether the validator's archive is wrong then. */
export const FINDINGS = {
  /** Byte for byte the request that was sent. */
  same: { isWrong: false, meaning: 'made again, byte for byte' },
  by_engine: {
    isWrong: false,
    meaning: 'a model wrote its words or made its picture; planned, and of the planned size',
  },
  other_sources: { isWrong: false, meaning: 'made of other datasets than those given here' },
  no_recipe: { isWrong: false, meaning: 'what it was made of is not in the archive' },
  not_sent: {
    isWrong: false,
    meaning: "never sent: the validator's own trouble, or the miner left it waiting for its turn",
  },
  missing: { isWrong: false, meaning: 'planned, and without an outcome' },
  other_request: { isWrong: true, meaning: 'another request was sent than the seed gives' },
  other_units: { isWrong: true, meaning: 'it counts other units than its request has' },
  other_slot: { isWrong: true, meaning: 'it is noted in another slot than planned' },
  attempt: { isWrong: true, meaning: `of an attempt beyond the ${MOST_ATTEMPTS} that are made` },
  no_digest: { isWrong: true, meaning: 'sent, and the archive does not say what' },
  not_planned: { isWrong: true, meaning: 'the plan has no such request' },
  twice: { isWrong: true, meaning: 'it has two outcomes' },
} as const;

export type Finding = keyof typeof FINDINGS;

/** One request of a period, made again. */
export interface RequestAgain {
  miner: string;
  task: string;
  index: number;
  finding: Finding;
  attempt: number;
  /** H(block hash, secret, miner, task, index); null of a request that no plan has. */
  seed: string | null;
  /** As the seed composes it, before any model; null where the sources are not known. */
  composed: TaskRequest | null;
}

/** What a request was made with; `sources` is null where others than the recipe's are at hand. */
export interface Material {
  recipe: PromptRecipe;
  sources: PromptSources | null;
}

/**
 * Makes the synthetic requests of a period again, from its plan and its revealed secret, and holds each against its outcome: one finding for each outcome, and one for
 * each planned request that has none. Whether the secret was fixed before the seed block is not asked here (`revealFault`), nor whether
 * earlier attempts were asked before: that only this validator's history knows.
 * @param materialOf by the recipe's digest; null where it is not archived
 */
export async function* requestsAgain(
  { plan, secret }: { plan: PeriodPlan; secret: string },
  outcomes: Iterable<ArchivedOutcome>,
  materialOf: (recipe: string) => Material | null,
): AsyncGenerator<RequestAgain> {
  const planned = new Map<string, PlannedQuery>();
  for (const query of (await scheduleOf(plan, secret, requestUnits)).flat()) {
    planned.set(`${query.miner.hotkey} ${query.task.name} ${query.index}`, query);
  }
  const seen = new Set<string>();
  for (const outcome of outcomes) {
    if (outcome.kind !== 'synthetic') continue;
    const { miner, task, index, attempt } = outcome;
    const name = `${miner} ${task} ${index}`;
    const query = planned.get(name);
    const head = { miner, task, index, attempt, seed: query === undefined ? null : promptSeed(query.origin) };
    const material = outcome.recipe === null ? null : materialOf(outcome.recipe);
    const composed = query === undefined || attempt >= MOST_ATTEMPTS ? null : composedOf(query, attempt, material);
    const finding = seen.has(name) ? 'twice' : findingOf(plan, query, outcome, material, composed);
    yield { ...head, finding, composed };
    seen.add(name);
  }
  for (const [name, { miner, task, index, origin }] of planned) {
    if (seen.has(name)) continue;
    const head = { miner: miner.hotkey, task: task.name, index, attempt: 0, seed: promptSeed(origin) };
    yield { ...head, finding: 'missing', composed: null };
  }
}

function findingOf(
  plan: PeriodPlan,
  query: PlannedQuery | undefined,
  outcome: ArchivedOutcome,
  material: Material | null,
  composed: TaskRequest | null,
): Finding {
  if (query === undefined) return 'not_planned';
  if (outcome.slot !== Math.floor((query.at_ms - plan.opens_ms) / plan.slot_ms)) return 'other_slot';
  if (outcome.outcome === 'skipped' || outcome.reason === 'no_turn') return 'not_sent';
  if (outcome.attempt >= MOST_ATTEMPTS) return 'attempt';
  // Of vectors the texts are counted, and those are known only with them.
  if (query.task.kind !== 'embedding' && outcome.units !== query.units) return 'other_units';
  if (outcome.request === null) return 'no_digest';
  if (material === null) return 'no_recipe';
  if (material.recipe.prompt_model || IMAGE_INPUT_KINDS.includes(query.task.kind)) return 'by_engine';
  if (composed === null) return 'other_sources';
  if (requestDigest(composed) !== outcome.request) return 'other_request';
  return outcome.units === requestVolume(query.task, composed) ? 'same' : 'other_units';
}

function composedOf({ task, origin }: PlannedQuery, attempt: number, material: Material | null): TaskRequest | null {
  if (material === null || material.sources === null) return null;
  const draws = attemptDraws(promptSeed(origin), attempt);
  return composedRequest(task, origin, composeTexts(task, origin, attempt, material.sources, draws), null);
}
