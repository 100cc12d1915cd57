import type { Redis } from 'ioredis';
import type { ChainCommit } from '../core/chain.ts';
import type { Digest, ShardEntry } from '../core/manifest.ts';
import { keyspace } from '../redis/keys.ts';
import { encodeCommitment } from './commitment.ts';
import type { CommitIndex } from './indexer/commit-index.ts';
import type { IndexedCommit } from './indexer/indexed-commit.ts';

/** A commitment that names a manifest, as it was read from the chain. */
export interface ManifestCommit extends Omit<ChainCommit, 'data'> {
  manifest: Digest;
  seq: number;
  rows: number;
  locator: string;
}

/** What deterministic checks made of a commitment's bytes; the shards are those of all manifests that it anchors, oldest first. */
export type Judgement =
  | { status: 'accepted'; shards: ShardEntry[]; rejected: Record<string, number> }
  | { status: 'rejected' | 'void'; reason: string };

export type JudgedCommit = ManifestCommit & { judgement: Judgement };

/** What a validator made of the commitments in its index. Rebuildable from chain and bytes, or from its log. */
export interface JudgedCommits {
  judge(commit: ManifestCommit, judgement: Judgement): Promise<void>;
  /** Judged commitments of blocks (start, end], in chain order. */
  between(start: number, end: number): Promise<JudgedCommit[]>;
}

export function createJudgedCommits(options: {
  redis: Redis;
  index: Pick<CommitIndex, 'between' | 'put'>;
  hotkey: string;
  netuid: number;
}): JudgedCommits {
  const { redis, index } = options;
  const judged = keyspace(options.hotkey)('judged', options.netuid);
  const place = (commit: ManifestCommit): string => `${commit.block}-${commit.event}`;

  return {
    async judge(commit, judgement) {
      // There already where the commitment was read from the chain; not where judgements are restored from a log.
      await index.put([indexedCommit(commit)]);
      await redis.hset(judged, place(commit), JSON.stringify(judgement));
    },

    async between(start, end) {
      const commits = (await index.between(start, end)).map(manifestCommit).filter((commit) => commit !== null);
      if (commits.length === 0) return [];
      const judgements = await redis.hmget(judged, ...commits.map(place));
      return commits.flatMap((commit, at) => {
        const text = judgements[at] ?? null;
        return text === null ? [] : [{ ...commit, judgement: JSON.parse(text) as Judgement }];
      });
    },
  };
}

/** The commitment of the index as one that names a manifest; null when it is of another kind. */
export function manifestCommit(commit: IndexedCommit): ManifestCommit | null {
  const { digest: manifest, seq, rows, locator, event } = commit;
  if (manifest === null || seq === null || rows === null || locator === null || event === null) return null;
  const { netuid, hotkey, registered, uid, block, blockHash } = commit;
  return { netuid, hotkey, registered, uid, block, blockHash, event, manifest, seq, rows, locator };
}

function indexedCommit({ manifest, ...commit }: ManifestCommit): IndexedCommit {
  const { seq, rows, locator, block } = commit;
  const content = {
    kind: 'manifest',
    digest: manifest,
    data: encodeCommitment({ manifest, seq, rows, locator }),
  } as const;
  return {
    ...commit,
    ...content,
    anchoredAt: block,
    time: null,
    round: null,
    revealed: null,
    sources: [],
    carries: [],
  };
}
