import { itemsInSlices } from '../../core/in-slices.ts';
import { sha256Hex } from '../../core/hash/sha256.ts';
import { drawsFrom, promptSeed } from '../prompts/prompt-seed.ts';
import type { PromptOrigin } from '../prompts/prompt-seed.ts';
import type { Task } from '../tasks/task.ts';
import type { PeriodPlan, PlannedMiner, PlannedTask } from './period-plan.ts';

/** What the request that an origin fixes counts in the task's unit, known before it is made: its size is drawn as customers' are. */
export type RequestUnits = (task: Task, origin: PromptOrigin) => number;

/** One synthetic request of a plan. */
export interface PlannedQuery {
  miner: PlannedMiner;
  task: Task;
  planned: PlannedTask;
  /** From 0, of this miner and task. */
  index: number;
  /** Milliseconds since 1970 at which it begins. */
  at_ms: number;
  units: number;
  origin: PromptOrigin;
  /** Whether its answer counts for quality; of a task that scores one, the seed draws which. */
  scored: boolean;
}

/** The queries of a plan, slot by slot. */
export type Schedule = readonly (readonly PlannedQuery[])[];

/** Pairs of miner and task that are drawn before everybody else in this thread has a turn. */
const PAIRS_A_TURN = 4;

/**
 * All queries of a plan: of each miner and task as many as it takes until the volume asked for is reached, each at a time that is as likely as any other, so that they
 * arrive as customers' do who know nothing of each other. The same wherever it is computed.
 */
export async function scheduleOf(plan: PeriodPlan, secret: string, unitsOf: RequestUnits): Promise<Schedule> {
  const slots: PlannedQuery[][] = [];
  const pairs = plan.miners.flatMap((miner) => miner.tasks.map((planned) => ({ miner, planned })));
  for await (const { miner, planned } of itemsInSlices(pairs, PAIRS_A_TURN)) {
    for (const query of queriesOf(plan, secret, miner, planned, unitsOf)) {
      (slots[Math.floor((query.at_ms - plan.opens_ms) / plan.slot_ms)] ??= []).push(query);
    }
  }
  return Array.from(slots, (queries) => (queries ?? []).sort((a, b) => a.at_ms - b.at_ms));
}

function queriesOf(
  plan: PeriodPlan,
  secret: string,
  miner: PlannedMiner,
  planned: PlannedTask,
  unitsOf: RequestUnits,
): PlannedQuery[] {
  const task = plan.tasks.find(({ name }) => name === planned.task);
  const lengthMs = plan.closes_ms - plan.opens_ms;
  if (task === undefined || lengthMs <= 0) return [];
  const block_hash = plan.seed_block.hash;
  const draws = drawsFrom(sha256Hex(`seine-times.${block_hash}.${secret}.${miner.hotkey}.${task.name}`));
  const queries: PlannedQuery[] = [];
  let left = planned.ask;
  while (queries.length < plan.most_requests) {
    const index = queries.length;
    const origin = { block_hash, secret, miner: miner.hotkey, task: task.name, index };
    const units = unitsOf(task, origin);
    // A small share is one request still, where that is owed: a miner that nobody asks shows nothing.
    if (units > left && !(index === 0 && units <= planned.owed)) break;
    left -= units;
    const at_ms = plan.opens_ms + draws.below(lengthMs);
    queries.push({ miner, task, planned, index, at_ms, units, origin, scored: task.scored === 'all' });
  }
  const one = task.scored === 'one' && queries.length > 0 ? queries[draws.below(queries.length)] : undefined;
  if (one !== undefined) one.scored = true;
  return queries;
}

/**
 * The queries of a slot whose answers are checked, known before any is asked: all that are scored, or as many as may be, those first whose task has one only.
 * @param most checks that the slot has time for
 */
export function checkedQueries(queries: readonly PlannedQuery[], most: number): PlannedQuery[] {
  const scored = queries.filter((query) => query.scored);
  if (scored.length <= most) return scored;
  const ranked = scored.map((query) => ({ query, rank: rankOf(query) }));
  return ranked
    .sort((a, b) => (a.rank < b.rank ? -1 : 1))
    .slice(0, most)
    .map(({ query }) => query);
}

/** What the positions of an answer that are compared are drawn from. */
export function checkSeed({ origin }: Pick<PlannedQuery, 'origin'>): string {
  return sha256Hex(`seine-check.${promptSeed(origin)}`);
}

function rankOf(query: PlannedQuery): string {
  return `${query.task.scored === 'one' ? 0 : 1}${sha256Hex(`seine-checked.${promptSeed(query.origin)}`)}`;
}
