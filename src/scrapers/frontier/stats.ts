import type { Redis } from 'ioredis';
import { loadScript } from '../../redis/scripts.ts';

export interface QueueStats {
  ready: number;
  /** Waiting to be tried again. */
  delayed: number;
  leased: number;
  /** Until something may be leased, as far as is known; 0 for now, null where nothing waits. A lost lease is not foreseen. */
  waitMs: number | null;
}

export interface FrontierStats {
  /** Ready or delayed, in both queues. */
  queued: number;
  leased: number;
  seen: number;
  pages: number;
  records: number;
  failed: number;
  /** Given-up URLs by reason. */
  reasons: Record<string, number>;
  /** Links that were not queued, by reason: traps, and what found no room. */
  passed: Record<string, number>;
  /** Hosts with ready URLs: those that may be leased from, and those whose turn is yet to come. */
  hosts: { ready: number; waiting: number };
  /** Given-up URLs that can be listed and requeued. */
  dead: number;
  queues: { http: QueueStats; browser: QueueStats };
}

/** @param prefix of the crawl's keys (see commands/shared.lua) */
export async function readStats(redis: Redis, prefix: string): Promise<FrontierStats> {
  const reply = JSON.parse(String(await readCounts(redis, [prefix], []))) as Reply;
  const { counts, http, browser } = reply;
  const of = (name: string): number => Number(counts[name] ?? 0);
  const queue = (name: 'http' | 'browser', { delayed, waitMs }: QueueReply): QueueStats => ({
    ready: of(`ready:${name}`),
    delayed,
    leased: of(`leased:${name}`),
    waitMs: waitMs < 0 ? null : waitMs,
  });
  const queues = { http: queue('http', http), browser: queue('browser', browser) };
  const all = Object.values(queues);
  const reasons = under(counts, 'failed:');
  return {
    queued: all.reduce((sum, { ready, delayed }) => sum + ready + delayed, 0),
    leased: all.reduce((sum, { leased }) => sum + leased, 0),
    seen: reply.seen,
    pages: of('pages'),
    records: of('records'),
    failed: Object.values(reasons).reduce((sum, count) => sum + count, 0),
    reasons,
    passed: under(counts, 'passed:'),
    hosts: { ready: http.hosts + browser.hosts, waiting: http.waiting + browser.waiting },
    dead: reply.dead,
    queues,
  };
}

interface QueueReply {
  delayed: number;
  /** Hosts that may be leased from. */
  hosts: number;
  waiting: number;
  /** -1 where nothing waits. */
  waitMs: number;
}

interface Reply {
  counts: Record<string, string>;
  seen: number;
  dead: number;
  http: QueueReply;
  browser: QueueReply;
}

/** Counters under a prefix, without those that came back to nothing. */
function under(counts: Readonly<Record<string, string>>, prefix: string): Record<string, number> {
  return Object.fromEntries(
    Object.entries(counts)
      .filter(([name, count]) => name.startsWith(prefix) && Number(count) > 0)
      .map(([name, count]) => [name.slice(prefix.length), Number(count)]),
  );
}

const readCounts = loadScript(new URL('./commands/read-counts.lua', import.meta.url), {
  shared: new URL('./commands/shared.lua', import.meta.url),
});
