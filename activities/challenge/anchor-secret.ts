import { decodeCommitment } from '../../src/commit/commitment.ts';
import { SeineError } from '../../src/core/errors.ts';
import { secretDigest, secretOf } from '../../src/core/hash/prompt-secret.ts';
import { alive } from '../alive.ts';
import type { ChallengeDeps, PeriodInput } from './deps.ts';

/** What the chain says when it has no room, or no time, for a digest. The period goes on without: its proof then says so. */
const REFUSALS = new Set(['SpaceLimitExceeded', 'CallHindered', 'ExtrinsicRefused', 'NotRegistered']);

/** The secret of a period: the one that was drawn for it first. */
export function secretFor(deps: Pick<ChallengeDeps, 'state' | 'randomSecret'>, input: PeriodInput): Promise<string> {
  return deps.state(input.period_ms).secret(input.period, () => secretOf(deps.randomSecret()));
}

/** What is committed: `p1:<period>:<digest, base64url>`. */
export function anchorText(period: number, digest: string): string {
  return `p1:${period}:${Buffer.from(digest, 'hex').toString('base64url')}`;
}

/**
 * Draws a period's secret and puts its digest on chain, before the period begins. `tasks` is how many tasks have periods of this length: without any
 * nothing is anchored. Nor is it by a hotkey whose commitment is a manifest: a hotkey has one commitment, and the digest would take the place of its data.
 */
export async function anchorSecret(
  deps: ChallengeDeps,
  input: PeriodInput,
): Promise<{ tasks: number; anchored: number | null }> {
  const { chain, netuid, signer } = deps;
  const state = deps.state(input.period_ms);
  const tasks = deps.tasks().filter(({ period_ms }) => period_ms === input.period_ms).length;
  if (tasks === 0) return { tasks, anchored: null };
  const secret = await secretFor(deps, input);
  const digest = secretDigest({ validator: signer.address, period: input.period, secret });
  const data = anchorText(input.period, digest);
  const held = await chain.heldCommit(netuid, signer.address);
  if (held !== null && decodeCommitment(held.data).kind === 'manifest') {
    await state.noteAnchor(input.period, null);
    return { tasks, anchored: await state.anchor(input.period) };
  }
  try {
    const { block } = await alive(
      () => deps.heartbeat({ anchoring: input.period }),
      () => chain.commit({ netuid, data, signer }),
    );
    await state.noteAnchor(input.period, block.number);
  } catch (error) {
    if (!(error instanceof SeineError) || !REFUSALS.has(error.name)) throw error;
    await state.noteAnchor(input.period, null);
  }
  return { tasks, anchored: await state.anchor(input.period) };
}
