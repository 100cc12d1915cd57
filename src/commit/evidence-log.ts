import type { Redis } from 'ioredis';
import type { Digest } from '../core/manifest.ts';
import { keyspace } from '../redis/keys.ts';

/** Which evidence bundle each scored epoch of a validator has. */
export interface EvidenceLog {
  record(epoch: number, digest: Digest): Promise<void>;
  /** The newest bundle of an epoch before this one. */
  before(epoch: number): Promise<Digest | null>;
  /** All scored epochs, oldest first. */
  all(): Promise<{ epoch: number; digest: Digest }[]>;
}

export function createEvidenceLog(options: { redis: Redis; hotkey: string; netuid: number }): EvidenceLog {
  const { redis } = options;
  const log = keyspace(options.hotkey)('evidence', options.netuid);
  return {
    async record(epoch, digest) {
      // An epoch that is scored again replaces its bundle.
      await redis.multi().zremrangebyscore(log, epoch, epoch).zadd(log, epoch, digest).exec();
    },
    async before(epoch) {
      const [digest] = await redis.zrevrangebyscore(log, `(${epoch}`, '-inf', 'LIMIT', '0', '1');
      return digest ?? null;
    },
    async all() {
      const items = await redis.zrange(log, '0', '-1', 'WITHSCORES');
      const epochs: { epoch: number; digest: Digest }[] = [];
      for (let at = 0; at < items.length; at += 2) {
        epochs.push({ epoch: Number(items[at + 1]), digest: String(items[at]) });
      }
      return epochs;
    },
  };
}
