import type { Redis } from 'ioredis';
import type { Digest } from '../core/manifest.ts';
import { keyspace } from '../redis/keys.ts';
import type { Chain } from './chain-port.ts';

/** Which accepted objects a validator keeps for other validators (Redis role `state`). */
export interface Mirror {
  /** Blocks after a commitment for which its objects are kept. */
  readonly keptBlocks: number;
  /** Keeps objects from the block of the commitment that they were accepted for; of several the newest counts. */
  keep(digests: readonly Digest[], block: number): Promise<void>;
  /** Newest block of a commitment that the object was accepted for; null where it is none of these. */
  keptSince(digest: Digest): Promise<number | null>;
  /** Objects whose time is over at this block; they are no longer kept once this returns. */
  expire(block: number): Promise<Digest[]>;
}

export function createMirror(options: { redis: Redis; hotkey: string; keptBlocks: number }): Mirror {
  const { redis, keptBlocks } = options;
  const kept = keyspace(options.hotkey)('mirror', 'kept');
  return {
    keptBlocks,
    async keep(digests, block) {
      if (digests.length > 0) await redis.zadd(kept, 'GT', ...digests.flatMap((digest) => [block, digest]));
    },
    async keptSince(digest) {
      const block = await redis.zscore(kept, digest);
      return block === null ? null : Number(block);
    },
    async expire(block) {
      const last = block - keptBlocks - 1;
      const replies = await redis.multi().zrangebyscore(kept, '-inf', last).zremrangebyscore(kept, '-inf', last).exec();
      return (replies?.[0]?.[1] ?? []) as Digest[];
    },
  };
}

type Decision = { allowed: true } | { allowed: false; reason: string; status: number };

/** Who may have an object of a mirror: validators with a permit, until it is no longer kept. For `mayServe` of the object server. */
export function mirrorPolicy(
  mirror: Mirror,
  chain: Pick<Chain, 'finalized' | 'metagraph'>,
  netuid: number,
): (digest: Digest, caller: string) => Promise<Decision> {
  return async (digest, caller) => {
    const since = await mirror.keptSince(digest);
    if (since === null || (await chain.finalized()).number > since + mirror.keptBlocks) {
      return { allowed: false, reason: 'not_served', status: 404 };
    }
    return await mayAsk(chain, netuid, caller);
  };
}

/** Validators with a permit may ask a validator. @param caller SS58 address, verified */
export async function mayAsk(chain: Pick<Chain, 'metagraph'>, netuid: number, caller: string): Promise<Decision> {
  const neuron = (await chain.metagraph(netuid)).find((item) => item.hotkey === caller);
  if (neuron?.validatorPermit === true) return { allowed: true };
  return { allowed: false, reason: 'no_permit', status: 403 };
}
