import { setMaxListeners } from 'node:events';
import type { Neuron } from '../../src/commit/chain-port.ts';
import { canonicalJson } from '../../src/core/canonical-json.ts';
import type { BlockRef } from '../../src/core/chain.ts';
import { SeineError } from '../../src/core/errors.ts';
import { closesMs, planPeriod, slotMsOf } from '../../src/inference/challenge/period-plan.ts';
import { drawPpm, fullLoadDraw, isFullLoad } from '../../src/scoring/inference/full-load.ts';
import { mayAsk, owedShares } from '../../src/scoring/inference/owed-shares.ts';
import { testedSharePpm } from '../../src/scoring/inference/vision/tested-share.ts';
import { alive } from '../alive.ts';
import type { ChallengeDeps, PeriodInput } from './deps.ts';
import { drawnSecret } from './period-secret.ts';
import { seedBlock } from './seed-block.ts';
import { statedMiners } from './stated-miners.ts';

/** No miner answers this validator: a period with it would show of all miners that they serve nothing. */
export class MayNotAskError extends SeineError {
  constructor({ hotkey, block, leastStake }: { hotkey: string; block: number; leastStake: bigint }) {
    const message = `${hotkey} had no validator permit, or less than ${leastStake} RAO of stake, at block ${block}: no period is challenged before it has both`;
    super('MayNotAsk', message, { details: { hotkey, block, leastStakeRao: leastStake.toString() } });
  }
}

/** Between a plan and its first slot. */
const LEAD_MS = 500;

/**
 * Plans a period that has begun: its seed block, what each miner states, what of it is owed and asked for.
 * @returns digest of the plan; null where the period has gone by before there was one
 * @throws MayNotAskError
 */
export async function openPeriod(deps: ChallengeDeps, input: PeriodInput): Promise<string | null> {
  const { period_ms, period } = input;
  const state = deps.state(period_ms);
  const noted = await state.plan(period);
  if (noted !== null) return noted;
  return await alive(
    () => deps.heartbeat({ opening: period }),
    async () => {
      const [signal, closes_ms] = [deps.cancelled(), closesMs(period_ms, period)];
      // All miners are asked at once.
      setMaxListeners(0, signal);
      const seed = await seedBlock(deps.chain, period * period_ms, { deadlineMs: closes_ms, now: deps.now, signal });
      if (seed === null) return null;
      const neurons = await deps.chain.metagraph(deps.netuid, seed.number);
      assertMayAsk(deps, neurons, seed.number);
      const miners = await statedMiners(deps, neurons, signal);
      const opens_ms = deps.now() + LEAD_MS;
      if (opens_ms >= closes_ms) return null;
      const full_load = await isOfFullLoad(deps, input, seed);
      const plan = planPeriod({
        ...{ netuid: deps.netuid, validator: deps.signer.address, period_ms, period, seed_block: seed, full_load },
        ...{ opens_ms, closes_ms, slot_ms: slotMsOf(period_ms), miners, secret: await drawnSecret(deps, input) },
        tasks: deps.tasks().filter((task) => task.period_ms === period_ms),
        owedOf: owedOf(deps, neurons),
        testedSharePpm: (drawn) => testedSharePpm(drawPpm(drawn)),
        requests: Math.ceil((deps.requestsPerMinute * (closes_ms - opens_ms)) / 60_000),
      });
      const digest = await deps.store.put(new TextEncoder().encode(canonicalJson(plan)));
      return await state.notePlan(period, digest, full_load);
    },
  );
}

/** The draw is of the seed block alone: all validators, whatever their secrets, ask all miners for the whole at once. */
async function isOfFullLoad(deps: ChallengeDeps, { period_ms, period }: PeriodInput, seed: BlockRef): Promise<boolean> {
  const last = await deps.state(period_ms).fullLoadBefore(period);
  // Where this validator missed periods, a full load is overdue.
  const since = last === null ? null : Math.min(period - last, deps.windowPeriods);
  return isFullLoad(fullLoadDraw(seed.hash), since, deps.windowPeriods);
}

function assertMayAsk({ signer, owedTerms }: ChallengeDeps, neurons: readonly Neuron[], block: number): void {
  const own = neurons.find(({ hotkey }) => hotkey === signer.address);
  if (own === undefined || !mayAsk(own, owedTerms))
    throw new MayNotAskError({ hotkey: signer.address, block, leastStake: owedTerms.leastStake });
}

/** This validator's share of a volume, as its miner reckons it. */
function owedOf({ signer, owedTerms }: ChallengeDeps, neurons: readonly Neuron[]): (stated: number) => number {
  return (stated) => owedShares(stated, neurons, owedTerms).get(signer.address) ?? 0;
}
