import { z } from 'zod';
import { InvalidInputError } from '../../core/errors.ts';
import type { PromptRecipe } from '../prompts/prompt-recipe.ts';
import { taskName, taskSchema } from '../tasks/schema.ts';
import type { PeriodPlan } from './period-plan.ts';
import type { QueryOutcome } from './query-outcome.ts';

/*
 * Plans, outcomes and recipes as another validator archived them: what it says is not believed, and can't keep whoever reads it busy for ever.
 */

const DAY_MS = 86_400_000;
/** Requests of a period that are drawn again, all in memory: an hour of 50,000 a minute. */
const MOST_REQUESTS = 3_000_000;
/** A period has 180. */
const MOST_SLOTS = 100_000;

const whole = z.int().min(0);
const digest = z.string().regex(/^[0-9a-f]{64}$/);
/** Part of a seed: without the dot that divides its parts. */
const address = z.string().regex(/^[1-9A-HJ-NP-Za-km-z]{1,60}$/);

const plan = z
  .strictObject({
    version: z.literal(1),
    netuid: whole,
    validator: address,
    period_ms: z.int().min(1000).max(DAY_MS),
    period: whole,
    seed_block: z.strictObject({ number: whole, hash: z.string().regex(/^0x[0-9a-f]{64}$/) }),
    full_load: z.boolean(),
    opens_ms: whole,
    closes_ms: whole,
    slot_ms: z.int().min(1),
    most_requests: whole,
    tasks: z.array(taskSchema),
    miners: z.array(
      z.strictObject({
        hotkey: address,
        registered: whole,
        base: z.string(),
        tasks: z.array(
          z.strictObject({ task: taskName, stated: whole, owed: whole, ask: whole, concurrency: z.int().min(1) }),
        ),
      }),
    ),
  })
  .refine(({ opens_ms, closes_ms, slot_ms, period_ms }) => {
    return closes_ms - opens_ms <= Math.min(period_ms, MOST_SLOTS * slot_ms);
  }, 'is longer than its period')
  .refine(({ miners, most_requests }) => {
    return miners.reduce((pairs, { tasks }) => pairs + tasks.length, 0) * most_requests <= MOST_REQUESTS;
  }, `has more than ${MOST_REQUESTS} requests`) satisfies z.ZodType<PeriodPlan>;

const outcome = z.object({
  miner: address,
  task: taskName,
  index: whole,
  kind: z.enum(['synthetic', 'organic']),
  slot: whole,
  units: whole,
  outcome: z.enum(['answered', 'limited', 'failed', 'skipped']),
  reason: z.string().max(100),
  attempt: whole,
  request: digest.nullable(),
  recipe: digest.nullable(),
}) satisfies z.ZodType<ArchivedOutcome>;

const recipe = z.strictObject({
  version: z.literal(1),
  tool: z.string().max(200),
  datasets: z.array(digest).max(1000),
  sources: digest,
  prompt_model: z.boolean(),
}) satisfies z.ZodType<PromptRecipe>;

/** Of an outcome, what says which request it was. */
export interface ArchivedOutcome extends Pick<
  QueryOutcome,
  'index' | 'kind' | 'slot' | 'units' | 'outcome' | 'reason' | 'attempt' | 'request' | 'recipe'
> {
  miner: string;
  task: string;
}

/** Throws InvalidInputError for what is no plan. */
export function archivedPlan(text: string): PeriodPlan {
  return read(plan, text, 'plan');
}

/** Throws InvalidInputError for what is no recipe. */
export function archivedRecipe(text: string): PromptRecipe {
  return read(recipe, text, 'recipe of prompts');
}

/** The outcomes of a period, one in a line. Throws InvalidInputError at the first line that is none. */
export function* archivedOutcomes(text: string): Generator<ArchivedOutcome> {
  for (let at = 0; at < text.length;) {
    const end = text.indexOf('\n', at);
    const line = text.slice(at, end < 0 ? text.length : end);
    yield read(outcome, line, 'outcome');
    at += line.length + 1;
  }
}

function read<Schema extends z.ZodType>(schema: Schema, text: string, what: string): z.output<Schema> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new InvalidInputError(`the ${what} in the archive is not JSON`);
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new InvalidInputError(`the ${what} in the archive is none: ${issue?.path.join('.')}: ${issue?.message}`);
}
