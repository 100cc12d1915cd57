import type { Repository } from 'redis-om';
import type { Digest } from '../../core/manifest.ts';
import { commitOf } from './commit-schema.ts';
import type { CommitDocument } from './commit-schema.ts';
import type { CommitKind, IndexedCommit } from './indexed-commit.ts';

/** What to look for; all of it must hold. */
export interface CommitQuery {
  hotkey?: string;
  kind?: CommitKind;
  /** A source of its rows. */
  source?: string;
  /** A manifest that it names or carries. */
  digest?: Digest;
  /** Microseconds since 1970, both included; commitments without a known time are left out. */
  since?: number;
  until?: number;
  /** Blocks, both included. */
  fromBlock?: number;
  toBlock?: number;
  /** `next` of the page before. */
  after?: number;
  /** @default 100 */
  limit?: number;
}

export interface CommitPage {
  /** In chain order. */
  commits: IndexedCommit[];
  /** Where the next page begins; null after the last. */
  next: number | null;
}

/**
 * One page of a search. Pages go on after the place of the last document instead of counting, since RediSearch gives no more than the first
 * 10,000 by offset and says nothing.
 */
export async function searchCommits(repository: Repository<CommitDocument>, query: CommitQuery): Promise<CommitPage> {
  const { limit = 100 } = query;
  let search = repository
    .search()
    .where('place')
    .gt(query.after ?? -1);
  const text = { hotkey: query.hotkey, kind: query.kind } as const;
  for (const field of ['hotkey', 'kind'] as const) {
    const value = text[field];
    if (value !== undefined) search = search.and(field).equals(value);
  }
  const { source, digest } = query;
  if (source !== undefined) search = search.and('sources').contains(source);
  if (digest !== undefined) {
    search = search.and((either) => either.where('digest').equals(digest).or('carries').contains(digest));
  }
  if (query.since !== undefined) search = search.and('time').gte(query.since);
  if (query.until !== undefined) search = search.and('time').lte(query.until);
  if (query.fromBlock !== undefined) search = search.and('block').gte(query.fromBlock);
  if (query.toBlock !== undefined) search = search.and('block').lte(query.toBlock);
  const found = await search.sortAscending('place').return.page(0, limit);
  return {
    commits: found.map(commitOf).filter((commit) => commit !== null),
    next: found.length < limit ? null : (found.at(-1)?.place ?? null),
  };
}
