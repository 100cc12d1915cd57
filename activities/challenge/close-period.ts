import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { canonicalJson } from '../../src/core/canonical-json.ts';
import type { PeriodProof, PeriodRecord } from '../../src/core/inference-period.ts';
import type { ClosedPeriod } from '../../src/inference/challenge/closed-periods.ts';
import { checkCounts, withFailedChecksWrong } from '../../src/inference/challenge/failed-checks.ts';
import { foldOutcomes, noteReach, troubledSlots } from '../../src/inference/challenge/fold-outcomes.ts';
import type { SlotReach } from '../../src/inference/challenge/fold-outcomes.ts';
import type { PeriodPlan, PlannedMiner, PlannedTask } from '../../src/inference/challenge/period-plan.ts';
import { secretDigest } from '../../src/core/hash/prompt-secret.ts';
import { breaksChecks } from '../../src/scoring/inference/uncheckable.ts';
import type { CheckCounts } from '../../src/scoring/inference/uncheckable.ts';
import { alive } from '../alive.ts';
import { folderOf } from './ask-slot.ts';
import type { ChallengeDeps } from './deps.ts';
import { plannedSecret } from './period-secret.ts';

export interface ClosedCounts {
  /** Miners and tasks that have a record. */
  records: number;
  requests: number;
}

interface MinerChecks extends CheckCounts {
  task: string;
  hotkey: string;
}

interface Pair {
  miner: PlannedMiner;
  planned: PlannedTask;
}

/**
 * Adds up a period that is over, archives what became of each request, and reveals its secret. A period is closed once: done again, however much later, it comes to the
 * same, though its outcomes have been let go of.
 */
export async function closePeriod(deps: ChallengeDeps, plan: PeriodPlan, digest: string): Promise<ClosedCounts> {
  return await alive(
    () => deps.heartbeat({ closing: plan.period }),
    async () => {
      let closed = await deps.closed.find(plan);
      if (closed === null) {
        closed = await addUp(deps, plan, digest);
        await deps.closed.close(closed);
      }
      await Promise.all(pairsOf(plan).map((pair) => deps.log.release(placeOf(plan, pair))));
      await deps.kept.drop(folderOf(plan));
      const requests = closed.records.reduce((sum, { tally }) => sum + tally.requests.total, 0);
      return { records: closed.records.length, requests };
    },
  );
}

async function addUp(deps: ChallengeDeps, plan: PeriodPlan, digest: string): Promise<ClosedPeriod> {
  const { period } = plan;
  const ended_ms = (period + 1) * plan.period_ms;
  const proof = await proofOf(deps, plan, digest);
  const { outcomes, troubled, checks } = await archive(deps, plan);
  const records: PeriodRecord[] = [];
  for (const pair of pairsOf(plan)) {
    const { miner, planned } = pair;
    const all = await deps.log.all(placeOf(plan, pair));
    const others = checks.filter(({ task, hotkey }) => task === planned.task && hotkey !== miner.hotkey);
    const counted = breaksChecks(checkCounts(all), others) ? withFailedChecksWrong(all) : all;
    const folded = foldOutcomes(planned, plan.full_load, counted, troubled);
    const head = { task: planned.task, period, ended_ms, hotkey: miner.hotkey, registered: miner.registered };
    records.push({ ...head, ...folded, outcomes });
  }
  return { ended_ms, records, proof };
}

/** Stores all outcomes, a line each, one miner and task after the other. */
async function archive(
  { log, store }: ChallengeDeps,
  plan: PeriodPlan,
): Promise<{ outcomes: string; troubled: Set<number>; checks: MinerChecks[] }> {
  const slots = new Map<number, SlotReach>();
  const checks: MinerChecks[] = [];
  async function* lines(): AsyncGenerator<string> {
    for (const pair of pairsOf(plan)) {
      const all = await log.all(placeOf(plan, pair));
      checks.push({ task: pair.planned.task, hotkey: pair.miner.hotkey, ...checkCounts(all) });
      for (const outcome of all) {
        noteReach(slots, pair.miner.hotkey, outcome);
        yield `${canonicalJson({ miner: pair.miner.hotkey, task: pair.planned.task, ...outcome })}\n`;
      }
    }
  }
  const outcomes = await store.putBy((path) => pipeline(lines, createWriteStream(path)));
  return { outcomes, troubled: troubledSlots(slots), checks };
}

function pairsOf({ miners }: PeriodPlan): Pair[] {
  return miners.flatMap((miner) => miner.tasks.map((planned) => ({ miner, planned })));
}

function placeOf({ period_ms, period }: PeriodPlan, { miner, planned }: Pair) {
  return { period_ms, period, miner: miner.hotkey, task: planned.task };
}

async function proofOf(deps: ChallengeDeps, plan: PeriodPlan, digest: string): Promise<PeriodProof> {
  const { period_ms, period, seed_block, full_load, validator } = plan;
  const secret = await plannedSecret(deps, plan);
  const anchored = await deps.state(period_ms).anchor(period);
  return {
    ...{ period_ms, period, seed_block, full_load, secret, plan: digest },
    digest: secretDigest({ validator, period, secret }),
    // A digest that came too late proves nothing, and is not said to.
    anchored_block: anchored !== null && anchored < seed_block.number ? anchored : null,
  };
}
