/**
 * How fast and how small the frontier is, against bare pipelines of SADD, RPUSH and LPOP with the same URLs in the same run, in turns:
 *   node --import tsx test/bench/frontier.bench.ts [--rows 500000] [--json], a URL to a row; 10000000 takes a GB and some minutes
 * In: batches as the crawler notes them, the links of 200 pages. Out: leases of 200 pages, each completed.
 */
import { Redis } from 'ioredis';
import { createFrontier } from '../../src/scrapers/frontier/frontier.ts';
import type { Frontier } from '../../src/scrapers/frontier/frontier.ts';
import { startRedisServers } from '../support/redis-servers.ts';
import { runBench } from './bench-args.ts';
import type { BenchLine } from './lines.ts';
import { timed, usedBytes } from './measures.ts';

/** New links that 200 pages give, of some 4,000 in all. */
const LINKS = 2000;
const PAGES = 200;
const HOSTS = 500;
/** URLs that the pipelines take in turns with the frontier; beyond, only it goes on. */
const COMPARED = 500_000;
/** URLs that are leased and completed. */
const TAKEN = 100_000;
const PIPELINE = 500;
const servers = await startRedisServers(1);
const redis = new Redis(servers.ports[0]!, '127.0.0.1');
const hotkey = '5C4hrfjw9DjXZTzV3MwzrrAr9P1MJhSrvWGWqi1eSuyUpnhM';
const frontier = createFrontier({ redis, hotkey, crawl: 'bench', maxOfShape: { plain: 1e9, query: 1e9 } });

const urlOf = (place: number): string =>
  `https://www.site-${place % HOSTS}.example.org/articles/2024/a-title-of-some-words-${place.toString(36).padStart(6, '0')}`;
const linksFrom = (start: number) =>
  Array.from({ length: LINKS }, (_, at) => ({ url: urlOf(start + at), depth: 1 + ((start + at) % 5) }));

async function pipelined(links: readonly { url: string }[]): Promise<void> {
  for (let at = 0; at < links.length; at += PIPELINE) {
    const pipeline = redis.pipeline();
    for (const { url } of links.slice(at, at + PIPELINE)) pipeline.sadd('peer:seen', url).rpush('peer:queue', url);
    await pipeline.exec();
  }
}

async function popped(count: number): Promise<void> {
  for (let at = 0; at < count; at += PIPELINE) {
    const pipeline = redis.pipeline();
    for (let one = 0; one < PIPELINE; one += 1) pipeline.lpop('peer:queue');
    await pipeline.exec();
  }
}

async function leasedAndCompleted(crawl: Frontier, count: number): Promise<void> {
  for (let at = 0; at < count; at += PAGES) {
    const owner = `w/${at}`;
    const done = (await crawl.lease({ queue: 'http', count: PAGES, owner, leaseMs: 60_000 })).map(({ url }) => url);
    if (done.length !== PAGES) throw new Error(`leased ${done.length} URLs, not ${PAGES}`);
    const nothing = { retry: [], release: [], browser: [], links: [], failed: {} };
    const counts = { pages: PAGES, records: PAGES };
    await crawl.complete({ owner, queue: 'http', batch: null, done, ...nothing, ...counts });
  }
}

async function measure(total: number): Promise<BenchLine[]> {
  const spent = { ours: 0, peer: 0, again: 0 };
  let ourBytes = 0;
  let length = 0;
  await frontier.add(linksFrom(-LINKS));
  await redis.flushall();
  for (let start = 0; start < total; start += LINKS) {
    const links = linksFrom(start);
    for (const { url } of links) length += url.length;
    const before = await usedBytes(redis);
    spent.ours += await timed(() => frontier.add(links));
    ourBytes += (await usedBytes(redis)) - before;
    if (start % 1_000_000 === 0 && start > 0) console.error(`${start.toLocaleString('en')} URLs …`);
    if (start >= COMPARED) continue;
    spent.peer += await timed(() => pipelined(links));
    // By a worker that doesn't know them.
    const other = createFrontier({ redis, hotkey, crawl: 'bench' });
    spent.again += await timed(() => other.add(links));
  }
  const compared = Math.min(total, COMPARED);
  const taken = Math.min(compared, TAKEN);
  const out = await timed(() => leasedAndCompleted(frontier, taken));
  const peerOut = await timed(() => popped(taken));
  const perSecond = (count: number, ms: number): number => (count / ms) * 1000;
  const line = { unit: 'URLs/s', target: null };
  const peerIn = { peer: perSecond(compared, spent.peer), peerName: 'SADD + RPUSH pipeline' };
  return [
    { ...line, name: 'frontier: URLs in', ours: perSecond(total, spent.ours), ...peerIn },
    { ...line, name: 'frontier: URLs in that were seen before', ours: perSecond(compared, spent.again), ...peerIn },
    {
      ...{ ...line, name: 'frontier: URLs out, leased and completed', ours: perSecond(taken, out) },
      ...{ peer: perSecond(taken, peerOut), peerName: 'LPOP pipeline' },
    },
    {
      ...{ name: `frontier: bytes a URL of ${Math.round(length / total)} characters at ${total.toLocaleString('en')}` },
      ...{ unit: 'bytes', ours: ourBytes / total, peer: null, peerName: '', target: 200, isLimit: true },
    },
  ];
}

try {
  await runBench(500_000, measure);
} finally {
  redis.disconnect();
  await servers.stop();
}
