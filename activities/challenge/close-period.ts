import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import { canonicalJson } from '../../src/core/canonical-json.ts';
import type { PeriodProof, PeriodRecord } from '../../src/core/inference-period.ts';
import { foldOutcomes, noteReach, troubledSlots } from '../../src/inference/challenge/fold-outcomes.ts';
import type { SlotReach } from '../../src/inference/challenge/fold-outcomes.ts';
import type { PeriodPlan, PlannedMiner, PlannedTask } from '../../src/inference/challenge/period-plan.ts';
import { secretDigest } from '../../src/core/hash/prompt-secret.ts';
import { alive } from '../alive.ts';
import { secretFor } from './anchor-secret.ts';
import { folderOf } from './ask-slot.ts';
import type { ChallengeDeps } from './deps.ts';

export interface ClosedCounts {
  /** Miners and tasks that have a record. */
  records: number;
  requests: number;
  /** SHA-256 of all outcomes. */
  outcomes: string;
}

interface Pair {
  miner: PlannedMiner;
  planned: PlannedTask;
}

/** Adds up a period that is over, archives what became of each request, and reveals its secret. Done again it comes to the same. */
export async function closePeriod(deps: ChallengeDeps, plan: PeriodPlan, digest: string): Promise<ClosedCounts> {
  const { period_ms, period } = plan;
  const pairs: Pair[] = plan.miners.flatMap((miner) => miner.tasks.map((planned) => ({ miner, planned })));
  const placeOf = ({ miner, planned }: Pair) => ({ period_ms, period, miner: miner.hotkey, task: planned.task });
  return await alive(
    () => deps.heartbeat({ closing: period }),
    async () => {
      const slots = new Map<number, SlotReach>();
      const archived = await deps.store.putBy(async (path) => {
        const file = createWriteStream(path);
        for (const pair of pairs) {
          for (const outcome of await deps.log.all(placeOf(pair))) {
            noteReach(slots, pair.miner.hotkey, outcome);
            const line = canonicalJson({ miner: pair.miner.hotkey, task: pair.planned.task, ...outcome });
            if (!file.write(`${line}\n`)) await once(file, 'drain');
          }
        }
        file.end();
        await finished(file);
      });
      const troubled = troubledSlots(slots);
      const records: PeriodRecord[] = [];
      for (const pair of pairs) {
        const { miner, planned } = pair;
        const folded = foldOutcomes(planned, plan.full_load, await deps.log.all(placeOf(pair)), troubled);
        const ended_ms = (period + 1) * period_ms;
        const head = { task: planned.task, period, ended_ms, hotkey: miner.hotkey, registered: miner.registered };
        records.push({ ...head, ...folded, outcomes: archived });
      }
      await deps.closed.close({
        ended_ms: (period + 1) * period_ms,
        records,
        proof: await proofOf(deps, plan, digest),
      });
      await Promise.all(pairs.map((pair) => deps.log.release(placeOf(pair))));
      await deps.kept.drop(folderOf(plan));
      const requests = records.reduce((sum, { tally }) => sum + tally.requests.total, 0);
      return { records: records.length, requests, outcomes: archived };
    },
  );
}

async function proofOf(deps: ChallengeDeps, plan: PeriodPlan, digest: string): Promise<PeriodProof> {
  const { period_ms, period, seed_block, full_load, validator } = plan;
  const secret = await secretFor(deps, plan);
  const anchored = await deps.state(period_ms).anchor(period);
  return {
    ...{ period_ms, period, seed_block, full_load, secret, plan: digest },
    digest: secretDigest({ validator, period, secret }),
    // A digest that came too late proves nothing, and is not said to.
    anchored_block: anchored !== null && anchored < seed_block.number ? anchored : null,
  };
}
