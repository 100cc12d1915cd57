import { gradeTextProbabilities } from '../../../src/scoring/inference/checks/text-probabilities.ts';
import type { InferenceFormula } from '../../../src/scoring/inference/task-earnings.ts';
import { shareText } from '../../../src/scoring/simulation/plot.ts';
import { fullLoads, incomeShare, play } from './machine.ts';
import type { Machine } from './machine.ts';

/* The rows of the attack table on inference: an attacker's income as a share of an honest miner's of the same cost. */

/** Columns of the table. */
export const FORMULAS: readonly InferenceFormula[] = [
  'seine',
  'vision_page',
  'vision_code',
  'niche_image_page',
  'niche_image_code',
  'niche_image_older_page',
];

/** Units a period of both machines; as many requests where a formula counts those. */
const CAPACITY = 1000;
const PERIODS = 100;

export interface AttackRow {
  id: string;
  tries: string;
  closed_by: string;
  machine: Partial<Machine>;
  /** What it spends, of an honest miner's costs. */
  cost: number;
  /** The same under the published formulas, which have no full loads. @default cost */
  publishedCost?: number;
  /** Of both machines. @default 1000 */
  capacity?: number;
}

/** A model of a quarter of the cost. */
const SIBLING = 0.25;

/** Percent of answers that the check finds wrong whose first five tokens are the model's and all others another's. */
function wrongAfterFive(): number {
  const likely = { rank: 1, probability_ppt: 900_000_000_000, end_ppt: 1000 };
  const unlikely = { rank: null, probability_ppt: 10, end_ppt: 0 };
  const tokens = [...Array.from({ length: 5 }, () => likely), ...Array.from({ length: 40 }, () => unlikely)];
  const same = Array.from({ length: 5 }, () => ({ verifier_ppm: 900_000, miner_ppm: 900_000 }));
  const limits = { grading: 'match' as const, top: 10, most_outside: 3, end_of_text_ratio: 100 };
  const distances = { full_distance_ppm: 125_000, half_distance_ppm: 250_000 };
  return gradeTextProbabilities(tokens, same, { ...limits, ...distances }).score_ppm === 0 ? 100 : 0;
}

const declaring = (times: number): AttackRow => ({
  id: `5 declare ${times} times`,
  tries: `states ${times} times the capacity that it has`,
  closed_by: 'capacity is paid as far as a full load shows it (7)',
  machine: { states: () => times * CAPACITY },
  cost: 1,
});

const splitting = (keys: number): AttackRow => ({
  id: `8 split into ${keys} keys`,
  tries: "one machine's capacity under many keys",
  closed_by: 'linear in volume; all keys are fully loaded at once (4)',
  machine: { keys, states: () => CAPACITY / keys },
  cost: 1,
});

export const ATTACK_ROWS: readonly AttackRow[] = [
  declaring(2),
  declaring(10),
  declaring(100),
  {
    ...declaring(25),
    ...{ id: '5 declare 1,000, serve 40', tries: 'states 1,000 and serves 40', capacity: 40 },
    machine: { states: () => 1000 },
  },
  {
    ...declaring(10),
    ...{ id: '5 declare by load', tries: 'states what it has in full loads and ten times as much in other periods' },
    machine: { states: (_, __, isFull) => (isFull ? CAPACITY : 10 * CAPACITY) },
    closed_by: 'paid is at most what the last full load showed; what is refused beside it lowers the worth (7)',
  },
  {
    ...{ id: '7 serve synthetic only', tries: 'knows the synthetic requests and fails the organic ones, as many' },
    ...{ closed_by: 'the same shapes, sizes and timing; organic ones may lower a score (5)', cost: 0.5 },
    machine: { organic: (served) => ({ failed: served }) },
  },
  splitting(2),
  splitting(10),
  splitting(50),
  {
    ...splitting(10),
    ...{ id: '8 one machine behind 10 keys', tries: 'each of ten keys states all that the machine has' },
    machine: { keys: 10, rotates: true, states: () => CAPACITY },
  },
  {
    ...splitting(4),
    ...{ id: '8 four keys in turns', tries: 'each states all of it for six periods, then nothing' },
    machine: { keys: 4, states: (key, period) => (Math.floor(period / 6) % 4 === key ? CAPACITY : 0) },
    closed_by: 'who states nothing is paid nothing, and shows its capacity anew (7)',
  },
  {
    ...{ id: '18 refuse dear requests', tries: '429 to the tenth of requests that is two fifths of the work' },
    ...{ closed_by: 'counted in units of work; 429 is free only beyond the stated share (7)', cost: 0.6 },
    machine: { refuses: { requests: 10, units: 40 } },
  },
  {
    ...{ id: '18 sibling model', tries: 'a smaller model of the family, at a quarter of the cost' },
    ...{ closed_by: 'every token is checked by prefill (7)', machine: { wrong: 100 }, cost: SIBLING },
  },
  {
    ...{ id: '18 sibling for 4 %', tries: 'the same for a few of the requests' },
    closed_by: 'what a unit is worth falls by more than is saved (7)',
    ...{ machine: { wrong: 4 }, cost: 1 - 0.04 * (1 - SIBLING) },
  },
  {
    ...{ id: '18 sibling for 20 %', tries: 'the same for a fifth of them' },
    ...{ closed_by: 'less than 95 % right shows no capacity (7)', machine: { wrong: 20 } },
    cost: 1 - 0.2 * (1 - SIBLING),
  },
  {
    ...{ id: '18 five good positions', tries: "five tokens of the model's, then a smaller one's" },
    closed_by: 'ranks of every token; positions by the seed (5)',
    ...{ machine: { wrong: wrongAfterFive() }, cost: SIBLING },
  },
  {
    ...{ id: '18 relay', tries: 'passes its requests on to an honest miner, which answers them as far as it has room' },
    ...{ closed_by: 'full loads of all miners at once leave no room (4, 7)', machine: { relays: true }, cost: 1 },
  },
  {
    ...{ id: '19 buy organic requests', tries: 'ten of its own for each that a validator sends, answered fast' },
    closed_by: 'only synthetic requests raise volume and speed',
    ...{ machine: { organic: bought }, cost: 1 },
  },
  {
    ...declaring(10),
    ...{ id: '19 buy, and declare 10 times', tries: 'the same, to use up what it states beyond its capacity' },
    ...{ machine: { states: () => 10 * CAPACITY, organic: bought } },
    closed_by: 'only synthetic requests show capacity (7)',
  },
];

/** What is not closed. */
export const OPEN_ROWS: readonly AttackRow[] = [2, 10].map((times) => ({
  id: `rent ${times} times`,
  tries: `states ${times} times what it has and rents the rest for periods of full load, at the price of its own`,
  closed_by: 'nobody knows before when one comes; a machine must be had within the period',
  machine: { states: () => times * CAPACITY, rents: (times - 1) * CAPACITY },
  cost: 1 + ((times - 1) * fullLoads(PERIODS).size) / PERIODS,
  publishedCost: 1,
}));

function bought(served: number): { right: number; worth_ppm: number } {
  return { right: 10 * served, worth_ppm: 10 * served * 1.6e6 };
}

/** Cells of an attack's row. */
export function rowCells(row: AttackRow): string[] {
  const capacity = row.capacity ?? CAPACITY;
  const honest: Machine = { keys: 1, states: () => capacity, capacity };
  const shares = FORMULAS.map((formula) => {
    const cost = formula === 'seine' ? row.cost : (row.publishedCost ?? row.cost);
    const share = incomeShare(play([{ ...honest, ...row.machine }, honest], formula, PERIODS)) / cost;
    return shareText(Math.round(share * 1e6));
  });
  return [row.id, row.tries, row.closed_by, ...shares];
}
