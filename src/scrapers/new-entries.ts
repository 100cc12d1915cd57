import type { PageEntry } from './source.ts';

/** What is remembered of a feed between two visits. */
export interface SeenEntries {
  /** The latest time that an entry stated, microseconds, UTC. */
  newestAt: number | null;
  /** Keys of entries; the latest first, at most MAX_KEYS. */
  keys: string[];
}

export const NOTHING_SEEN: SeenEntries = { newestAt: null, keys: [] };

/** Twice what one page of a feed can hold, so that none that is still in the feed is forgotten. */
export const MAX_KEYS = 2000;

/**
 * Which entries of a feed were not there before, which of those that were have been updated since, and what to remember for the next visit.
 * An entry that is not remembered counts as new whatever its date, because entries are published late; only once keys have been forgotten
 * does a date up to the newest one seen mean that it may be one of those.
 * @param now microseconds, UTC: later times are not remembered, since they would hide whatever comes until then
 */
export function newEntries(
  seen: SeenEntries,
  entries: readonly PageEntry[],
  now: number,
): { fresh: PageEntry[]; updated: PageEntry[]; seen: SeenEntries } {
  const known = new Set(seen.keys);
  const hasForgotten = seen.keys.length >= MAX_KEYS;
  const isOld = (time: number | null) => time !== null && seen.newestAt !== null && time <= seen.newestAt;
  const byKey = new Map<string, PageEntry>();
  for (const entry of entries) if (!byKey.has(entry.key)) byKey.set(entry.key, entry);
  const all = [...byKey.values()];
  const times = all.flatMap(({ publishedAt, updatedAt }) => [publishedAt, updatedAt]);
  const newestAt = times.reduce(
    (newest, time) => (time !== null && time <= now && (newest === null || time > newest) ? time : newest),
    seen.newestAt,
  );
  const isUpdated = ({ updatedAt }: PageEntry) => updatedAt !== null && updatedAt <= now && !isOld(updatedAt);
  return {
    fresh: all.filter(({ key, publishedAt }) => !known.has(key) && !(hasForgotten && isOld(publishedAt))),
    updated: all.filter((entry) => known.has(entry.key) && isUpdated(entry)),
    seen: { newestAt, keys: [...new Set([...byKey.keys(), ...seen.keys])].slice(0, MAX_KEYS) },
  };
}
