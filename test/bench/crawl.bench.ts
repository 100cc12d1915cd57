/**
 * Crawling one site to its end, in turns with Scrapy, Crawlee and the least that undici and cheerio can be:
 *   node --import tsx test/bench/crawl.bench.ts [--rows 3000] [--json], pages of about 10 KB with 20 links
 * All do the same: 16 pages at once, no delay, robots.txt obeyed, of each page title, length of text and links. Nobody's start-up counts, and not
 * the site's process. Ours has its Redis counted, which syncs every write, and stores rows on disk; `web` reads main text, language and facts besides,
 * which no peer does. Prints each side's rounds, and Scrapy's links are taken by XPath: cheaper than its LinkExtractor.
 */
import { runBench } from './bench-args.ts';
import { startLineProcess, script } from './crawl/line-process.ts';
import type { Crawl } from './crawl/measure-crawl.ts';
import { measureCrawl } from './crawl/measure-crawl.ts';
import type { SideName } from './crawl/sides.ts';
import { freshFolder, openSides } from './crawl/sides.ts';
import { median } from './in-turns.ts';
import type { BenchLine } from './lines.ts';

const ROUNDS = 3;
const SITE = 'test/bench/crawl/site.ts';
/** Parsers differ about the white space around a body. */
const TEXT_TOLERANCE = 0.001;

await runBench(3000, async (pages, dir) => {
  const sides = await openSides();
  const names = Object.keys(sides) as SideName[];
  const site = startLineProcess(script(SITE, [`${pages}`]));
  const crawls = Object.fromEntries(names.map((name) => [name, [] as Crawl[]])) as Record<SideName, Crawl[]>;
  try {
    const url = JSON.parse(await site.next()) as string;
    for (let round = 1; round <= ROUNDS; round++) {
      for (const name of names) {
        const crawl = await measureCrawl(sides[name], { process: site, url, pages }, freshFolder(dir, name));
        crawls[name].push(crawl);
        console.error(`round ${round}: ${sides[name].title}, ${said(crawl)}`);
      }
      assertSameText(names.flatMap((name) => crawls[name][round - 1]?.textLength ?? []));
    }
  } finally {
    await site.close();
  }
  for (const name of names) console.error(`${sides[name].title.padEnd(24)} ${spread(crawls[name])}`);

  const of = (name: SideName, what: 'pagesPerMinute' | 'peakBytes'): number =>
    median(crawls[name].map((crawl) => crawl[what]));
  const speed = (ours: SideName, peer: SideName, target: number | null): BenchLine => ({
    ...{ name: `crawl: ${sides[ours].title}`, unit: 'pages/min/core', peerName: sides[peer].title, target },
    ...{ ours: of(ours, 'pagesPerMinute'), peer: of(peer, 'pagesPerMinute') },
  });
  const memory = (ours: SideName, peer: SideName): BenchLine => ({
    ...{ name: `peak memory: ${sides[ours].title}`, unit: 'MB', peerName: sides[peer].title, target: null },
    ...{ ours: of(ours, 'peakBytes') / 1e6, peer: of(peer, 'peakBytes') / 1e6, isLimit: true },
  });
  return [
    speed('seineLight', 'scrapy', 1),
    speed('seineLight', 'scrapyJobdir', null),
    speed('seineLight', 'crawlee', null),
    speed('seineLight', 'crawleePersisted', 2.5),
    speed('seineLight', 'bare', 0.6),
    speed('seineWeb', 'scrapy', null),
    speed('seineWeb', 'crawleePersisted', null),
    memory('seineLight', 'scrapy'),
    memory('seineLight', 'crawleePersisted'),
    memory('seineWeb', 'scrapy'),
  ];
});

function said({ pagesPerMinute, peakBytes, seconds }: Crawl): string {
  return `${pagesPerMinute.toFixed(0)} pages/min/core, ${(peakBytes / 1e6).toFixed(0)} MB, ${seconds.toFixed(1)} s`;
}

/** Median, least and most of the rounds. */
function spread(crawls: readonly Crawl[]): string {
  const of = (values: number[], digits = 0): string =>
    [median(values), Math.min(...values), Math.max(...values)].map((value) => value.toFixed(digits)).join(' / ');
  const speeds = of(crawls.map(({ pagesPerMinute }) => pagesPerMinute));
  const peaks = of(crawls.map(({ peakBytes }) => peakBytes / 1e6));
  return `${speeds} pages/min/core, ${peaks} MB (median / least / most of ${crawls.length})`;
}

/** Those who take the length of a page's text must have read the same pages. */
function assertSameText(lengths: readonly number[]): void {
  const [least, most] = [Math.min(...lengths), Math.max(...lengths)];
  if (least < most * (1 - TEXT_TOLERANCE)) throw new Error(`texts differ in length: ${lengths.join(', ')}`);
}
