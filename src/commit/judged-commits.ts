import type { Redis } from 'ioredis';
import type { ChainCommit } from '../core/chain.ts';
import type { Digest, ShardEntry } from '../core/manifest.ts';
import { keyspace } from '../redis/keys.ts';

/** A commitment that names a manifest, as it was read from the chain. */
export interface ManifestCommit extends Omit<ChainCommit, 'data'> {
  manifest: Digest;
  seq: number;
  rows: number;
  locator: string;
}

/** What deterministic checks made of a commitment's bytes. */
export type Judgement =
  | { status: 'accepted'; shards: ShardEntry[]; rejected: Record<string, number> }
  | { status: 'rejected' | 'void'; reason: string };

export type JudgedCommit = ManifestCommit & { judgement: Judgement };

/** A validator's index of commitments and what became of them, in the `index` Redis. Rebuildable from chain and bytes. */
export interface JudgedCommits {
  /** Notes a commitment as it appears on chain, and returns the one that this hotkey made before it. */
  seen(commit: ManifestCommit): Promise<ManifestCommit | null>;
  judge(commit: ManifestCommit, judgement: Judgement): Promise<void>;
  /** Judged commitments of blocks (start, end], in chain order. */
  between(start: number, end: number): Promise<JudgedCommit[]>;
  /** Up to which finalized block the chain was read; null before the first. */
  readUpTo(): Promise<number | null>;
  setReadUpTo(block: number): Promise<void>;
}

export function createJudgedCommits(options: { redis: Redis; hotkey: string; netuid: number }): JudgedCommits {
  const { redis, hotkey, netuid } = options;
  const key = keyspace(hotkey);
  const judged = key('judged', netuid);
  const cursor = key('read-up-to', netuid);
  const history = (miner: ManifestCommit): string => key('commits', netuid, miner.hotkey, miner.registered);
  const place = (commit: ManifestCommit): string => `${commit.block}-${commit.event}`;

  return {
    async seen(commit) {
      const name = history(commit);
      await redis.zadd(name, commit.block, JSON.stringify(commit));
      const before = await redis.zrevrangebyscore(name, `(${commit.block}`, '-inf', 'LIMIT', '0', '1');
      return before[0] === undefined ? null : (JSON.parse(before[0]) as ManifestCommit);
    },

    async judge(commit, judgement) {
      const item: JudgedCommit = { ...commit, judgement };
      await redis
        .multi()
        .hset(`${judged}:items`, place(commit), JSON.stringify(item))
        .zadd(judged, commit.block, place(commit))
        .exec();
    },

    async between(start, end) {
      const places = await redis.zrange(judged, `(${start}`, String(end), 'BYSCORE');
      if (places.length === 0) return [];
      const items = await redis.hmget(`${judged}:items`, ...places);
      return items
        .filter((text) => text !== null)
        .map((text) => JSON.parse(text) as JudgedCommit)
        .sort((a, b) => a.block - b.block || a.event - b.event);
    },

    async readUpTo() {
      const block = await redis.get(cursor);
      return block === null ? null : Number(block);
    },

    async setReadUpTo(block) {
      await redis.set(cursor, block);
    },
  };
}
