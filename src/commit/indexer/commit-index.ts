import { createClient } from 'redis';
import { Repository } from 'redis-om';
import { SeineError } from '../../core/errors.ts';
import type { Digest } from '../../core/manifest.ts';
import { redactUrl } from '../../redis/connect.ts';
import { keyspace } from '../../redis/keys.ts';
import { commitOf, commitSchema, waitForIndexing } from './commit-schema.ts';
import type { RedisClient } from './commit-schema.ts';
import { createGaps } from './gaps.ts';
import type { Gaps } from './gaps.ts';
import { idOf, placeOf, placeOfBlock } from './indexed-commit.ts';
import type { IndexedCommit } from './indexed-commit.ts';
import { searchCommits } from './search.ts';
import type { CommitPage, CommitQuery } from './search.ts';

/**
 * Everyone's commitments on a subnet, in the `index` Redis: a document each, and sorted sets that give them whole and in order, which a search
 * does not promise. Rebuildable from chain and manifests. Writing a commitment twice changes nothing.
 */
export interface CommitIndex {
  readonly gaps: Gaps;
  put(commits: readonly IndexedCommit[]): Promise<void>;
  /** Commitments that count from blocks (start, end] and whose event is known, in chain order. */
  between(start: number, end: number): Promise<IndexedCommit[]>;
  /** The newest manifest that a hotkey is known to have anchored before a block, under whichever registration. */
  anchoredBefore(hotkey: string, block: number): Promise<IndexedCommit | null>;
  /** What a hotkey committed after one of its commitments; null while that is its newest. */
  after(commit: IndexedCommit): Promise<IndexedCommit | null>;
  /** Adds what the bytes of a commitment showed. */
  describe(
    commit: Pick<IndexedCommit, 'hotkey' | 'registered' | 'block'>,
    found: Pick<IndexedCommit, 'sources' | 'carries'>,
  ): Promise<void>;
  /** Time-locked commitments that the chain may still reveal. */
  locked(): Promise<IndexedCommit[]>;
  /** Notes what a time-locked commitment said; null: it was replaced before it could be revealed. */
  reveal(commit: IndexedCommit, text: string | null): Promise<void>;
  /** Commitments before which others of the same hotkey may have been overwritten unseen. */
  doubtful(): Promise<IndexedCommit[]>;
  doubt(commits: readonly IndexedCommit[]): Promise<void>;
  settle(commit: IndexedCommit): Promise<void>;
  /** Removes what was known of a manifest by a later one's `previous` only, once its own commitment is. */
  forgetRecovered(hotkey: string, digest: Digest): Promise<void>;
  search(query: CommitQuery): Promise<CommitPage>;
  /** Up to which final block the chain was read; null before the first. */
  readUpTo(): Promise<number | null>;
  setReadUpTo(block: number): Promise<void>;
  close(): Promise<void>;
}

export interface CommitIndexOptions {
  /** URL of the `index` Redis, which needs the search and JSON modules. */
  url: string;
  /** SS58 address of the validator whose index it is. */
  hotkey: string;
  netuid: number;
}

/** Documents that are read or written at the same time. */
const AT_ONCE = 200;

/** Opens an index by a connection of its own. Throws RedisUnreachable. */
export async function openCommitIndex({ url, hotkey, netuid }: CommitIndexOptions): Promise<CommitIndex> {
  const redis = await connect(url);
  const key = keyspace(hotkey);
  const places = key('commits', netuid, 'places');
  const locked = key('commits', netuid, 'locked');
  const doubtful = key('commits', netuid, 'doubtful');
  const cursor = key('commits', netuid, 'read-up-to');
  const historyOf = (miner: string): string => key('commits', netuid, 'of', miner);
  const repository = new Repository(commitSchema(key('commit', netuid)), redis);
  await repository.createIndex();
  await waitForIndexing(redis, key('commit', netuid));

  const find = async (id: string): Promise<IndexedCommit | null> => commitOf(await repository.fetch(id));
  const findAll = async (ids: readonly string[]): Promise<IndexedCommit[]> =>
    ids.length === 0 ? [] : (await repository.fetch([...ids])).map(commitOf).filter((commit) => commit !== null);
  const save = async (commit: IndexedCommit): Promise<void> => {
    await repository.save(idOf(commit), { ...commit, place: placeOf(commit) });
  };
  const putOne = async (commit: IndexedCommit): Promise<void> => {
    const id = idOf(commit);
    const known = await find(id);
    let written = known;
    // What the block itself shows replaces what was known without it; what the bytes showed stays in any case.
    if (known === null || (isWhole(commit) && !isWhole(known))) {
      const { sources, carries, revealed } = known ?? commit;
      written = { ...commit, sources, carries, revealed };
      await save(written);
    }
    const entry = { score: placeOf(written ?? commit), value: id };
    const done = redis.multi().zAdd(places, entry).zAdd(historyOf(commit.hotkey), entry);
    if (commit.kind === 'timelocked' && (known?.revealed ?? null) === null) done.sAdd(locked, id);
    await done.exec();
  };
  const drop = async (commit: IndexedCommit): Promise<void> => {
    const id = idOf(commit);
    await redis.multi().zRem(places, id).zRem(historyOf(commit.hotkey), id).exec();
    await repository.remove(id);
  };

  return {
    gaps: createGaps(redis, key('commits', netuid, 'gaps')),

    async put(commits) {
      for (let at = 0; at < commits.length; at += AT_ONCE) {
        await Promise.all(commits.slice(at, at + AT_ONCE).map(putOne));
      }
    },

    async between(start, end) {
      const found: IndexedCommit[] = [];
      const [from, to] = [placeOfBlock(start + 1), placeOfBlock(end + 1) - 1];
      const ids = await redis.zRange(places, from, to, { BY: 'SCORE' });
      for (let at = 0; at < ids.length; at += AT_ONCE) found.push(...(await findAll(ids.slice(at, at + AT_ONCE))));
      return found.filter(({ event, anchoredAt }) => event !== null && anchoredAt !== null);
    },

    async anchoredBefore(hotkey, block) {
      const options = { BY: 'SCORE', REV: true } as const;
      for (let offset = 0; ; offset += 20) {
        const limited = { ...options, LIMIT: { offset, count: 20 } };
        const ids = await redis.zRange(historyOf(hotkey), placeOfBlock(block) - 1, 0, limited);
        for (const commit of await findAll(ids)) {
          if (commit.kind === 'manifest' && commit.anchoredAt !== null) return commit;
        }
        if (ids.length < 20) return null;
      }
    },

    async after(commit) {
      const [from, to] = [placeOfBlock(commit.block + 1), '+inf'] as const;
      const limited = { BY: 'SCORE', LIMIT: { offset: 0, count: 20 } } as const;
      const later = await findAll(await redis.zRange(historyOf(commit.hotkey), from, to, limited));
      return later.find(({ anchoredAt }) => anchoredAt !== null) ?? null;
    },

    async describe({ hotkey: miner, registered, block }, found) {
      const known = await find(`${miner}:${registered}:${block}`);
      if (known !== null) await save({ ...known, ...found });
    },

    locked: async () => findAll(await redis.sMembers(locked)),
    async reveal(commit, text) {
      if (text !== null) await save({ ...commit, revealed: text });
      await redis.sRem(locked, idOf(commit));
    },

    doubtful: async () => findAll(await redis.sMembers(doubtful)),
    async doubt(commits) {
      if (commits.length > 0) await redis.sAdd(doubtful, commits.map(idOf));
    },
    async settle(commit) {
      await redis.sRem(doubtful, idOf(commit));
    },

    async forgetRecovered(hotkey, digest) {
      const { commits } = await searchCommits(repository, { hotkey, digest, limit: 100 });
      for (const commit of commits) if (commit.anchoredAt === null) await drop(commit);
    },

    search: (query) => searchCommits(repository, query),

    async readUpTo() {
      const block = await redis.get(cursor);
      return block === null ? null : Number(block);
    },
    async setReadUpTo(block) {
      await redis.set(cursor, String(block));
    },

    async close() {
      await redis.disconnect();
    },
  };
}

/** Whether a commitment was read in its block. */
function isWhole({ event, time }: IndexedCommit): boolean {
  return event !== null && time !== null;
}

async function connect(url: string): Promise<RedisClient> {
  let up = false;
  // Once it was there it is waited for, as commands are; a server that never answers is an error.
  const reconnectStrategy = (retries: number): number | false => (up ? Math.min(retries * 100, 3000) : false);
  const redis: RedisClient = createClient({ url, socket: { connectTimeout: 5000, reconnectStrategy } });
  // Without a listener an outage would end the process; what matters reaches the caller by the command's own failure.
  redis.on('error', () => undefined);
  try {
    await redis.connect();
    up = true;
    return redis;
  } catch (cause) {
    throw new SeineError(
      'RedisUnreachable',
      `no Redis answers at ${redactUrl(url)}; is it up? ("seine stack status")`,
      {
        remedy: 'retry',
        cause,
      },
    );
  }
}
