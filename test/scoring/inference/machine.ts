import type { AnswerSums, CheckedAnswer, PeriodRecord, PeriodTally } from '../../../src/core/inference-period.ts';
import { drawPpm, isFullLoad } from '../../../src/scoring/inference/full-load.ts';
import { inferenceScores } from '../../../src/scoring/inference/inference-scores.ts';
import type { InferenceScore, InferenceScores } from '../../../src/scoring/inference/inference-scores.ts';
import { CAPACITY_PARAMETERS } from '../../../src/scoring/inference/paid-capacity.ts';
import type { InferenceFormula } from '../../../src/scoring/inference/task-earnings.ts';
import { testedSharePpm } from '../../../src/scoring/inference/vision/tested-share.ts';
import { mulDiv } from '../../../src/scoring/mul-div.ts';
import { PERIOD_MS, record, sums } from './tallies.ts';

/** Keys of one machine, what each states in a period, and in which order the machine serves them. */
export interface Machine {
  keys: number;
  /** What a key states. Whether the period is one of full load is known at its start, before capacities are asked for. */
  states: (key: number, period: number, isFull: boolean) => number;
  /** Units that the machine can serve in a period. */
  capacity: number;
  /** Units that it rents besides in periods of full load. */
  rents?: number;
  /** Whether its first key in a period is another than in the last. */
  rotates?: boolean;
  /** Has no machine: it passes requests on to the next one, which serves its own first. */
  relays?: boolean;
  /** What it refuses by 429 of each hundred requests, and what of a hundred units those are. */
  refuses?: { requests: number; units: number };
  /** Of a hundred answers, those that a check finds wrong. */
  wrong?: number;
  /** What its organic requests come to, beside so many units that it serves. */
  organic?: (served: number) => Partial<AnswerSums>;
}

const TASK = { name: 'chat', weight_ppm: 1_000_000, timeout_ms: 12_000, open: false, period_ms: PERIOD_MS };
/** Requests of a period; units are shared out among them. */
const REQUESTS = 1000;
const ANSWERS = 50;

/** What the keys of each machine score in each period. */
export type Played = InferenceScore[][][];

/**
 * Plays machines period by period against the scoring of epochs, one period each. The published formulas are played with the published shares of
 * capacity alone; ours with periods of full load besides.
 */
export function play(machines: readonly Machine[], formula: InferenceFormula, count: number): Played {
  const parameters = { ...CAPACITY_PARAMETERS, inference_formula: formula };
  const miners = machines.flatMap((machine, index) =>
    Array.from({ length: machine.keys }, (_, key) => ({ hotkey: `${index}.${key}`, registered: 1 })),
  );
  const keys = miners.map((miner, uid) => ({ ...miner, uid }));
  const loads = formula === 'seine' ? fullLoads(count) : new Set<number>();
  let records: PeriodRecord[] = [];
  let last: InferenceScores = { scores: [], memory: [] };
  const all: Played = [];
  for (let period = 0; period < count; period += 1) {
    const isFull = loads.has(period);
    records = records.filter((old) => old.period > period - CAPACITY_PARAMETERS.capacity_window_periods);
    for (const [index, machine] of machines.entries()) {
      const rented = isFull ? (machine.rents ?? 0) : 0;
      const own = machine.relays ? leftOf(machines[index + 1], period, isFull) : machine.capacity + rented;
      tallied(machine, own, period, isFull).forEach((tally, key) => {
        records.push(record(period, `${index}.${key}`, tally, { answers: answersOf(machine) }));
      });
    }
    const input = { pool: 'inference', tasks: [TASK], records, periods: [], miners: keys, before: last.memory };
    last = inferenceScores(input, parameters);
    all.push(machines.map((_, index) => last.scores.filter(({ hotkey }) => hotkey.startsWith(`${index}.`))));
  }
  return all;
}

/** Those of so many periods that are of full load. */
export function fullLoads(count: number): Set<number> {
  const loads = new Set<number>();
  let since: number | null = null;
  for (let period = 0; period < count; period += 1) {
    const isFull: boolean = isFullLoad(drawPpm(`full.${period}`), since, CAPACITY_PARAMETERS.capacity_window_periods);
    since = isFull ? 1 : (since ?? 0) + 1;
    if (isFull) loads.add(period);
  }
  return loads;
}

/** Mean income of the first machine as a share of the second's, which is honest. */
export function incomeShare(played: Played): number {
  const income = (index: number) =>
    played.reduce((sum, machines) => sum + (machines[index] ?? []).reduce((all, { earned }) => all + earned, 0), 0);
  return income(0) / income(1);
}

function leftOf(machine: Machine | undefined, period: number, isFull: boolean): number {
  if (machine === undefined) return 0;
  const used = tallied(machine, machine.capacity, period, isFull).reduce((sum, { synthetic }) => {
    return sum + synthetic.right + synthetic.wrong;
  }, 0);
  return machine.capacity - used;
}

function answersOf({ wrong = 0 }: Machine): CheckedAnswer[] {
  return Array.from({ length: ANSWERS }, (_, index) => {
    // Spread evenly: wrong ones stand wherever their count goes up.
    const isWrong = Math.floor(((index + 1) * wrong) / 100) > Math.floor((index * wrong) / 100);
    return { quality_ppm: isWrong ? 0 : 1e6, speed_ppm: 1e6, elapsed_ms: 0 };
  });
}

function tallied(machine: Machine, capacity: number, period: number, isFull: boolean): PeriodTally[] {
  const { keys, refuses = { requests: 0, units: 0 }, wrong = 0 } = machine;
  let left = capacity;
  const tallies: PeriodTally[] = [];
  for (let turn = 0; turn < keys; turn += 1) {
    const key = machine.rotates ? (turn + period) % keys : turn;
    const owed = machine.states(key, period, isFull);
    const share = isFull ? 1e6 : testedSharePpm(drawPpm(`share.${period}.${key}`));
    const asked = mulDiv(owed, share, 1e6);
    const served = Math.min(left, mulDiv(asked, 100 - refuses.units, 100));
    left -= served;
    const bad = mulDiv(served, wrong, 100);
    const organic = sums(machine.organic?.(served) ?? {});
    tallies[key] = {
      ...{ stated: owed, owed, full_load: isFull },
      synthetic: sums({ right: served - bad, wrong: bad, limited: asked - served }),
      organic,
      requests: requestsOf(asked, served, organic, refuses),
    };
  }
  return tallies;
}

/** Both kinds by number: a unit of each is as many requests. */
function requestsOf(
  asked: number,
  served: number,
  organic: AnswerSums,
  refuses: { requests: number; units: number },
): PeriodTally['requests'] {
  if (asked === 0) return { total: 0, limited: 0, failed: 0 };
  const byNumber = (units: number) => mulDiv(REQUESTS, units, asked);
  const answered = refuses.units > 0 ? (REQUESTS * (100 - refuses.requests)) / 100 : byNumber(served);
  const failed = byNumber(organic.failed);
  return { total: REQUESTS + byNumber(organic.right) + failed, limited: REQUESTS - answered, failed };
}
