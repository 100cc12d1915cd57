/** Bounds of an object server; each keeps one peer from taking what others need. */
export interface ObjectServerLimits {
  /** Objects streamed at once, over all callers. @default 16 */
  maxConcurrent: number;
  /** Objects streamed at once to one caller. @default 4 */
  maxConcurrentPerCaller: number;
  /** Open connections, over all addresses. @default 256 */
  maxConnections: number;
  /** Open connections of one remote address. @default 64 */
  maxConnectionsPerAddress: number;
  /** Rightly signed requests a caller may make in a minute. @default 120 */
  requestsPerMinute: number;
  /** Requests from one remote address in a minute, signed or not: a signature check costs time. @default 1200 */
  requestsPerMinutePerAddress: number;
  /** A client that takes less is cut off, after the grace time. @default 32768 */
  minBytesPerSecond: number;
  /** Time before the minimum rate counts. @default 10000 */
  graceMs: number;
  /** Time in which a whole request (4 KB at most) must arrive. @default 5000 */
  requestTimeoutMs: number;
}

export const DEFAULT_LIMITS: ObjectServerLimits = {
  maxConcurrent: 16,
  maxConcurrentPerCaller: 4,
  maxConnections: 256,
  maxConnectionsPerAddress: 64,
  requestsPerMinute: 120,
  requestsPerMinutePerAddress: 1200,
  minBytesPerSecond: 32_768,
  graceMs: 10_000,
  requestTimeoutMs: 5000,
};

/** Names that are remembered at once; beyond, the longest unused is forgotten, which at worst gives it a full bucket. */
const MAX_NAMES = 10_000;

/**
 * Token buckets by name: `perMinute` requests a minute, as many in one burst.
 * @returns a function that takes one token, false when there is none
 */
export function createRateLimiter(perMinute: number, now: () => number): (name: string) => boolean {
  const buckets = new Map<string, { tokens: number; atMs: number }>();
  return (name) => {
    const nowMs = now();
    const last = buckets.get(name) ?? { tokens: perMinute, atMs: nowMs };
    const tokens = Math.min(perMinute, last.tokens + (Math.max(0, nowMs - last.atMs) * perMinute) / 60_000);
    const allowed = tokens >= 1;
    buckets.delete(name);
    buckets.set(name, { tokens: allowed ? tokens - 1 : tokens, atMs: nowMs });
    const [oldest = ''] = buckets.keys();
    if (buckets.size > MAX_NAMES) buckets.delete(oldest);
    return allowed;
  };
}

/**
 * Counts what is under way, in all and by name.
 * @returns a function that takes a place and gives back how to leave it, or says which bound is met
 */
export function createPlaces(max: number, maxPerName: number): (name: string) => (() => void) | 'all' | 'name' {
  const byName = new Map<string, number>();
  let total = 0;
  return (name) => {
    const own = byName.get(name) ?? 0;
    if (own >= maxPerName) return 'name';
    if (total >= max) return 'all';
    total += 1;
    byName.set(name, own + 1);
    return () => {
      total -= 1;
      const left = (byName.get(name) ?? 1) - 1;
      if (left === 0) byName.delete(name);
      else byName.set(name, left);
    };
  };
}
