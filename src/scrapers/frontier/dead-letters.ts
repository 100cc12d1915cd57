import type { Redis } from 'ioredis';
import { loadScript } from '../../redis/scripts.ts';

/** A URL that was given up, and why. */
export interface DeadLetter {
  url: string;
  reason: string;
  /** Tries that failed before the last. */
  attempts: number;
  depth: number;
  /** When it was given up, milliseconds since 1970. */
  atMs: number;
}

export interface DeadPage {
  /** What the page before gave as `next`. @default the oldest */
  cursor?: string;
  /** Letters at most. @default 100 */
  count?: number;
}

/** Which letters are to be fetched anew. */
export type Requeued = { urls: readonly string[] } | { reason: string } | 'all';

export interface DeadLetters {
  /** Oldest first; `next` is null where none follow. */
  dead(page?: DeadPage): Promise<{ letters: DeadLetter[]; next: string | null }>;
  /** Returns how many were put back, as if they had never been tried. */
  requeue(which: Requeued): Promise<number>;
}

export async function readDead(
  redis: Redis,
  prefix: string,
  { cursor = '0', count = 100 }: DeadPage,
): Promise<{ letters: DeadLetter[]; next: string | null }> {
  const flat = await redis.zrangebyscore(`${prefix}dead`, `(${cursor}`, '+inf', 'WITHSCORES', 'LIMIT', 0, count);
  const urls = flat.filter((_, place) => place % 2 === 0);
  const found = urls.length === 0 ? [] : await redis.hmget(`${prefix}letters`, ...urls);
  // One may have been requeued between the two commands.
  const letters = urls.flatMap((url, place) => parseLetter(url, found[place] ?? null));
  return { letters, next: urls.length < count ? null : (flat.at(-1) ?? null) };
}

export async function requeueDead(redis: Redis, prefix: string, which: Requeued): Promise<number> {
  const put = async (urls: readonly string[], reason: string): Promise<number> =>
    urls.length === 0 ? 0 : Number(await requeueUrls(redis, [prefix], [JSON.stringify(urls), reason]));
  let back = 0;
  if (which !== 'all' && 'urls' in which) {
    for (let at = 0; at < which.urls.length; at += AT_ONCE) back += await put(which.urls.slice(at, at + AT_ONCE), '');
    return back;
  }
  const reason = which === 'all' ? '' : which.reason;
  // Those given up in the meantime come behind the last of now: they are left for the next time.
  const last = (await redis.zrange(`${prefix}dead`, '-1', '-1', 'WITHSCORES'))[1];
  for (let cursor = '0'; last !== undefined;) {
    const flat = await redis.zrangebyscore(`${prefix}dead`, `(${cursor}`, last, 'WITHSCORES', 'LIMIT', 0, AT_ONCE);
    const next = flat.at(-1);
    if (next === undefined) break;
    back += await put(
      flat.filter((_, place) => place % 2 === 0),
      reason,
    );
    cursor = next;
  }
  return back;
}

function parseLetter(url: string, letter: string | null): DeadLetter[] {
  const [, level, attempts, atMs, reason] = /^(\d+) (\d+) (\d+) (.*)$/s.exec(letter ?? '') ?? [];
  if (reason === undefined) return [];
  return [{ url, reason, attempts: Number(attempts), depth: Number(level) % 1000, atMs: Number(atMs) }];
}

/** Letters of one script call: some ms of the server. */
const AT_ONCE = 1000;

const requeueUrls = loadScript(new URL('./commands/requeue-dead.lua', import.meta.url), {
  shared: new URL('./commands/shared.lua', import.meta.url),
});
