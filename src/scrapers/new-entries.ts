import { sha256Hex } from '../core/hash/sha256.ts';
import type { PageEntry } from './source.ts';

/** What is remembered of a feed between two visits. */
export interface SeenEntries {
  /** The latest time that an entry stated, microseconds, UTC. */
  newestAt: number | null;
  /** Keys of entries, of long ones the SHA-256; the latest first, at most MAX_KEYS. */
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
  for (const entry of entries) {
    const key = shortKey(entry.key);
    if (!byKey.has(key)) byKey.set(key, entry);
  }
  const all = [...byKey.entries()];
  const times = all.flatMap(([, { publishedAt, updatedAt }]) => [publishedAt, updatedAt]);
  const newestAt = times.reduce(
    (newest, time) => (time !== null && time <= now && (newest === null || time > newest) ? time : newest),
    seen.newestAt,
  );
  const isUpdated = ({ updatedAt }: PageEntry) => updatedAt !== null && updatedAt <= now && !isOld(updatedAt);
  const isFresh = (key: string, { publishedAt }: PageEntry) => !known.has(key) && !(hasForgotten && isOld(publishedAt));
  return {
    fresh: all.flatMap(([key, entry]) => (isFresh(key, entry) ? [entry] : [])),
    updated: all.flatMap(([key, entry]) => (known.has(key) && isUpdated(entry) ? [entry] : [])),
    seen: { newestAt, keys: [...new Set([...byKey.keys(), ...seen.keys])].slice(0, MAX_KEYS) },
  };
}

/** A site may write guids of 2,000 characters, and what is remembered of a feed must have an end. */
function shortKey(key: string): string {
  return key.length <= MAX_KEY_LENGTH ? key : sha256Hex(key);
}

/** Longer than most URLs. */
const MAX_KEY_LENGTH = 128;
