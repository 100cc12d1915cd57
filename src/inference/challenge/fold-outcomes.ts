import type { AnswerSums, CheckedAnswer, PeriodRecord, PeriodTally } from '../../core/inference-period.ts';
import { PPM } from '../../core/units.ts';
import type { PlannedTask } from './period-plan.ts';
import type { CheckedOutcome, QueryOutcome } from './query-outcome.ts';

/** Answers that a record keeps. */
export const MOST_ANSWERS = 50;

/** What a slot's requests came to, over all miners. */
export interface SlotReach {
  sent: number;
  unreachable: number;
  miners: Set<string>;
}

/** Notes an outcome in what its slot reached. */
export function noteReach(slots: Map<number, SlotReach>, miner: string, outcome: QueryOutcome): void {
  if (outcome.outcome === 'skipped') return;
  const slot = slots.get(outcome.slot) ?? { sent: 0, unreachable: 0, miners: new Set<string>() };
  slots.set(outcome.slot, slot);
  slot.sent += 1;
  slot.miners.add(miner);
  if (outcome.reason === 'unreachable') slot.unreachable += 1;
}

/**
 * Slots in which nobody was reached: the validator's own trouble, so they count for nobody. Of a single miner nobody can tell whose trouble it was, and
 * it is the miner's.
 */
export function troubledSlots(slots: ReadonlyMap<number, SlotReach>): Set<number> {
  const troubled = [...slots].filter(([, { sent, unreachable, miners }]) => miners.size > 1 && unreachable === sent);
  return new Set(troubled.map(([slot]) => slot));
}

/** What a record says of a miner's requests for one task. */
export type FoldedOutcomes = Pick<PeriodRecord, 'tally' | 'answers' | 'reasons'>;

/**
 * Adds up the outcomes of one miner and task. A 429 to what was owed is `limited`; beyond it, it leaves the count of requests, and its units are told apart.
 * The numbers of `reasons` add up to the count of requests.
 * @param troubled slots that count for nobody
 */
export function foldOutcomes(
  { stated, owed }: Pick<PlannedTask, 'stated' | 'owed'>,
  fullLoad: boolean,
  outcomes: readonly CheckedOutcome[],
  troubled: ReadonlySet<number>,
): FoldedOutcomes {
  const tally: PeriodTally = {
    ...{ stated, owed, full_load: fullLoad, synthetic: emptySums(), organic: emptySums() },
    requests: { total: 0, limited: 0, failed: 0 },
  };
  const reasons: Record<string, number> = {};
  const answers: (CheckedAnswer & { at_ms: number; index: number })[] = [];
  for (const outcome of outcomes) {
    if (outcome.outcome === 'skipped' || troubled.has(outcome.slot)) continue;
    const sums = tally[outcome.kind];
    if (outcome.outcome === 'limited' && !outcome.owed) {
      sums.beyond += outcome.units;
      continue;
    }
    const became = becameOf(outcome);
    sums[became] += outcome.units;
    tally.requests.total += 1;
    if (became === 'limited' || became === 'failed') tally.requests[became] += 1;
    const reason = reasonOf(outcome);
    reasons[reason] = (reasons[reason] ?? 0) + 1;
    if (outcome.check === null || (became !== 'right' && became !== 'wrong')) continue;
    const { elapsed_ms, speed_ppm, at_ms, index } = outcome;
    const { quality_ppm } = outcome.check;
    sums.worth_ppm += worthPpm(outcome.units, quality_ppm, speed_ppm);
    if (outcome.kind === 'synthetic') answers.push({ quality_ppm, speed_ppm, elapsed_ms, at_ms, index });
  }
  answers.sort((a, b) => b.at_ms - a.at_ms || b.index - a.index);
  const newest = answers.slice(0, MOST_ANSWERS).map(({ quality_ppm, speed_ppm, elapsed_ms }) => {
    return { quality_ppm, speed_ppm, elapsed_ms };
  });
  return { tally, answers: newest, reasons };
}

function becameOf({ outcome, check }: CheckedOutcome): 'right' | 'wrong' | 'unchecked' | 'limited' | 'failed' {
  if (outcome === 'limited' || outcome === 'failed') return outcome;
  return check === null || check.verdict === 'inconclusive' ? 'unchecked' : check.verdict;
}

function reasonOf({ outcome, reason, check }: CheckedOutcome): string {
  if (outcome !== 'answered') return reason;
  if (check === null) return 'unchecked';
  return check.verdict === 'right' ? 'right' : check.reason;
}

/** Units x quality x speed, in millionths of a unit; exact in between. */
function worthPpm(units: number, qualityPpm: number, speedPpm: number): number {
  return Number((BigInt(units) * BigInt(qualityPpm) * BigInt(speedPpm)) / BigInt(PPM));
}

function emptySums(): AnswerSums {
  return { right: 0, wrong: 0, unchecked: 0, limited: 0, beyond: 0, failed: 0, worth_ppm: 0 };
}
