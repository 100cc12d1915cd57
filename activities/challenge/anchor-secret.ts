import type { HeldCommit } from '../../src/commit/chain-port.ts';
import { decodeCommitment, encodeSecretCommitment } from '../../src/commit/commitment.ts';
import { SeineError } from '../../src/core/errors.ts';
import { secretDigest } from '../../src/core/hash/prompt-secret.ts';
import { alive } from '../alive.ts';
import type { ChallengeDeps, PeriodInput } from './deps.ts';
import { drawnSecret } from './period-secret.ts';

/** What the chain says when it has no room, or no time, for a digest. The period goes on without: its proof then says so. */
const REFUSALS = new Set(['SpaceLimitExceeded', 'CallHindered', 'ExtrinsicRefused', 'NotRegistered']);

/**
 * Draws a period's secret and puts its digest on chain, before the period begins. `tasks` is how many tasks have periods of this length: without any
 * nothing is anchored. Nor is it by a hotkey whose commitment is a manifest: a hotkey has one commitment, and the digest would take the place of its data.
 */
export async function anchorSecret(
  deps: ChallengeDeps,
  input: PeriodInput,
): Promise<{ tasks: number; anchored: number | null }> {
  const { chain, netuid, signer } = deps;
  const { period } = input;
  const state = deps.state(input.period_ms);
  const tasks = deps.tasks().filter(({ period_ms }) => period_ms === input.period_ms).length;
  if (tasks === 0) return { tasks, anchored: null };
  const secret = await drawnSecret(deps, input);
  const data = encodeSecretCommitment({ period, digest: secretDigest({ validator: signer.address, period, secret }) });
  const held = await chain.heldCommit(netuid, signer.address);
  if (isData(held)) {
    await state.noteAnchor(period, null);
    return { tasks, anchored: await state.anchor(period) };
  }
  try {
    const { block } = await alive(
      () => deps.heartbeat({ anchoring: period }),
      () => chain.commit({ netuid, data, signer, heldSince: held?.block ?? null }),
    );
    await state.noteAnchor(period, block.number);
  } catch (error) {
    if (!(error instanceof SeineError) || !REFUSALS.has(error.name)) throw error;
    await state.noteAnchor(period, null);
  }
  return { tasks, anchored: await state.anchor(period) };
}

/** Whether a commitment is of data, or may be: what is time-locked nobody can read yet. */
function isData(held: HeldCommit | null): boolean {
  return held !== null && (held.kind === 'timelocked' || decodeCommitment(held.data).kind === 'manifest');
}
