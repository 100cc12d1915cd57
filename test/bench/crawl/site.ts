/**
 * The site that every side crawls, in a process of its own: node --import tsx test/bench/crawl/site.ts PAGES. Prints its first page's URL; answers
 * each line with what was asked of it since the last: SiteHits.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answerLines } from './answer-lines.ts';
import { sitePage } from './site-page.ts';

export interface SiteHits {
  /** Pages that were fetched at all. */
  pages: number;
  /** Fetches of pages beyond the first of each. */
  again: number;
  /** Paths that are no pages, and how often they were asked for. */
  others: Record<string, number>;
}

const ROBOTS = 'User-agent: *\nDisallow: /private/\nDisallow: /*?session=\nAllow: /\n';

const count = Number(process.argv[2]);
const pages = Array.from({ length: count }, (_, number) => Buffer.from(sitePage(number, count)));
let hits = new Uint32Array(count);
let others: Record<string, number> = {};

const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
  const path = request.url ?? '/';
  const number = Number(/^\/pages\/(\d+)\.html$/.exec(path)?.[1] ?? NaN);
  const page = pages[number];
  if (page !== undefined) {
    hits[number] = (hits[number] ?? 0) + 1;
    response
      .writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'content-length': page.byteLength })
      .end(page);
    return;
  }
  others[path] = (others[path] ?? 0) + 1;
  const robots = path === '/robots.txt';
  response.writeHead(robots ? 200 : 404, { 'content-type': 'text/plain' }).end(robots ? ROBOTS : '');
});

await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const { port } = server.address() as AddressInfo;
await answerLines(`http://127.0.0.1:${port}/pages/0.html`, () => {
  const found = { pages: 0, again: 0, others };
  for (const times of hits) {
    if (times > 0) found.pages += 1;
    if (times > 1) found.again += times - 1;
  }
  hits = new Uint32Array(count);
  others = {};
  return Promise.resolve(found satisfies SiteHits);
});
server.closeAllConnections();
server.close();
