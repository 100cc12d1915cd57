import type { Remedy } from '../../core/errors.ts';
import { messageOf } from '../../core/errors.ts';

/** Why the transaction pool did not take an extrinsic, or a block's run of it failed. */
export interface Refusal {
  name: string;
  meaning: string;
  remedy: Remedy;
}

/** What a node answered to a submission: it has it, another one holds the same nonce, or it refuses this one. */
export type PoolAnswer = { kind: 'known' } | { kind: 'contended' } | { kind: 'refused'; refusal: Refusal };

/** Codes of `InvalidTransaction::Custom` in Subtensor's transaction extensions. */
const CUSTOM: Readonly<Record<number, Omit<Refusal, 'name'>>> = {
  1: { meaning: 'the stake is too low', remedy: 'never' },
  3: { meaning: 'the subnet does not exist', remedy: 'never' },
  6: { meaning: 'the rate limit is reached', remedy: 'wait' },
  10: { meaning: 'the hotkey is not in the network', remedy: 'never' },
  11: { meaning: 'the IP address is not allowed', remedy: 'never' },
  12: { meaning: 'the serving rate limit is reached', remedy: 'wait' },
  13: { meaning: 'the port is not allowed', remedy: 'never' },
  15: { meaning: 'the reveal round is invalid', remedy: 'never' },
  16: { meaning: 'there is no commit to reveal', remedy: 'never' },
  17: { meaning: 'the commit is not in its reveal range', remedy: 'wait' },
  19: { meaning: 'the hotkey is not registered on the subnet', remedy: 'never' },
  255: { meaning: 'the request is bad', remedy: 'never' },
};

/** Codes of a Substrate pool's JSON-RPC errors. */
const INVALID = 1010;
const BANNED = 1012;
const KNOWN = 1013;
const PRIORITY_TOO_LOW = 1014;

/** Reads a pool's JSON-RPC error; null when the error is not one. */
export function readPoolError(error: unknown): PoolAnswer | null {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  const message = messageOf(error);
  if (code === KNOWN || code === BANNED) return { kind: 'known' };
  if (code === PRIORITY_TOO_LOW) return { kind: 'contended' };
  if (typeof code !== 'number') return null;
  if (code === INVALID && /outdated|in the future/i.test(message)) return { kind: 'contended' };
  if (code === INVALID && /inability to pay/i.test(message)) {
    const meaning = 'the account has never held TAO or has too little for the fee: send it some';
    return { kind: 'refused', refusal: { name: 'InvalidTransaction::Payment', meaning, remedy: 'never' } };
  }
  const custom = /custom error:\s*(\d+)/i.exec(message)?.[1];
  if (custom === undefined) return { kind: 'refused', refusal: { name: 'pool', meaning: message, remedy: 'never' } };
  const { meaning, remedy } = CUSTOM[Number(custom)] ?? { meaning: 'no meaning is known', remedy: 'never' as const };
  return { kind: 'refused', refusal: { name: `InvalidTransaction::Custom(${custom})`, meaning, remedy } };
}

/** Module errors that pass with time. */
const PASSING = new Set([
  'commitments.SpaceLimitExceeded',
  'subtensorModule.SettingWeightsTooFast',
  'subtensorModule.CommittingWeightsTooFast',
  'subtensorModule.ServingRateLimitExceeded',
]);

export function dispatchRefusal(failure: { name: string; meaning: string }): Refusal {
  return { ...failure, remedy: PASSING.has(failure.name) ? 'wait' : 'never' };
}
