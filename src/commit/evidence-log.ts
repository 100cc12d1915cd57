import type { Redis } from 'ioredis';
import type { Digest } from '../core/manifest.ts';
import { keyspace } from '../redis/keys.ts';

/** A scored epoch of a validator. */
export interface ScoredEpoch {
  epoch: number;
  /** Of the evidence bundle. */
  digest: Digest;
  /** Final block in which its weights were set; null before. */
  weightsBlock: number | null;
}

/** Which evidence bundle each scored epoch of a validator has. */
export interface EvidenceLog {
  record(epoch: number, digest: Digest): Promise<void>;
  /** The epoch's weights stand on chain since this block. */
  weightsSet(epoch: number, block: number): Promise<void>;
  /** The newest bundle of an epoch before this one. */
  before(epoch: number): Promise<Digest | null>;
  /** All scored epochs, oldest first. */
  all(): Promise<ScoredEpoch[]>;
}

export function createEvidenceLog(options: { redis: Redis; hotkey: string; netuid: number }): EvidenceLog {
  const { redis } = options;
  const key = keyspace(options.hotkey);
  const log = key('evidence', options.netuid);
  const weights = key('evidence-weights', options.netuid);
  return {
    async record(epoch, digest) {
      // An epoch that is scored again replaces its bundle.
      await redis.multi().zremrangebyscore(log, epoch, epoch).zadd(log, epoch, digest).exec();
    },
    async weightsSet(epoch, block) {
      await redis.hset(weights, epoch, block);
    },
    async before(epoch) {
      const [digest] = await redis.zrevrangebyscore(log, `(${epoch}`, '-inf', 'LIMIT', '0', '1');
      return digest ?? null;
    },
    async all() {
      const items = await redis.zrange(log, '0', '-1', 'WITHSCORES');
      const blocks = await redis.hgetall(weights);
      const epochs: ScoredEpoch[] = [];
      for (let at = 0; at < items.length; at += 2) {
        const epoch = Number(items[at + 1]);
        const block = blocks[epoch];
        epochs.push({ epoch, digest: String(items[at]), weightsBlock: block === undefined ? null : Number(block) });
      }
      return epochs;
    },
  };
}
