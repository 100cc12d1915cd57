/**
 * Pages to rows to claims to Parquet, in turns with the same in Python (readability-lxml, redis-py with hiredis, pyarrow). The pages are the
 * documentation of the installed packages: node --import tsx test/bench/pipeline.bench.ts [--rows pages]
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { cloneRoot } from '../../stack/parts.ts';
import { collectDocuments } from '../../stack/site/collect.ts';
import { createContent } from '../../stack/site/content.ts';
import type { DataRecord } from '../../src/core/record.ts';
import { sortRows } from '../../src/datasets/row-order.ts';
import { writeShard } from '../../src/datasets/shard-writer.ts';
import { createOwners } from '../../src/dedup/owners.ts';
import { claimRows } from '../../src/dedup/row-claims.ts';
import { extractPage } from '../../src/scrapers/web/extract-page.ts';
import { startRedisServers } from '../support/redis-servers.ts';
import { runBench } from './bench-args.ts';
import { inTurns, timed } from './in-turns.ts';
import { startPythonPeer } from './python-peer.ts';
import { ndjson } from './rows.ts';

const HOTKEY = '5C4hrfjw9DjXZTzV3MwzrrAr9P1MJhSrvWGWqi1eSuyUpnhM';
const ORIGIN = 'https://docs.example';
const SCRAPED_AT = 1_763_000_000_000_000;

interface Page {
  url: string;
  html: string;
}

function rowOf({ url, html }: Page): DataRecord | null {
  const headers = { 'content-type': 'text/html; charset=utf-8' };
  const page = { url, requestedUrl: url, status: 200, headers, body: Buffer.from(html) };
  return extractPage({ ...page, scrapedAt: SCRAPED_AT, byBrowser: false }).record;
}

await runBench(400, async (count, dir) => {
  const documents = collectDocuments(join(cloneRoot, 'node_modules'), count);
  const content = createContent({ documents, url: ORIGIN, startedMs: 0, scriptedPages: 0 });
  const pages: Page[] = [];
  for (const { path } of documents) {
    pages.push({ url: ORIGIN + path, html: String((await content.answer(path)).body) });
  }
  const pagesFile = join(dir, 'pages.ndjson');
  const shard = join(dir, 'shard.parquet');
  writeFileSync(pagesFile, ndjson(pages));
  const servers = await startRedisServers(1);
  const redis = new Redis(servers.ports[0]!, '127.0.0.1');
  const owners = createOwners({ redis, hotkey: HOTKEY, renewedAfterBlocks: 216_000 });
  let block = 7_000_000;
  let rows = 0;
  const work = async (): Promise<void> => {
    const made = pages.map(rowOf).filter((row) => row !== null);
    await claimRows(owners, made, { block: block++, event: 37, hotkey: HOTKEY, registered: 1 });
    rows = (await writeShard(sortRows(made), shard)).rows;
  };
  await work();
  const peer = startPythonPeer('pipeline', [shard, pagesFile, `${servers.ports[0]}`, join(dir, 'peer.parquet')]);
  try {
    const seconds = await inTurns(
      {
        ours: timed(async () => {
          await redis.flushall();
          await work();
        }),
        peer: async () => {
          await redis.flushall();
          const found = await peer.round();
          if (Number(found['rows']) < rows * 0.95)
            throw new Error(`the peer made ${String(found['rows'])} rows of ${rows}`);
          return found.seconds;
        },
      },
      3,
    );
    const line = { name: 'parse + dedup + Parquet', unit: 'pages/s', ours: pages.length / seconds.ours };
    return [
      { ...line, peer: pages.length / seconds.peer, peerName: 'readability-lxml, redis-py, pyarrow', target: 1.4 },
    ];
  } finally {
    peer.close();
    redis.disconnect();
    await servers.stop();
  }
});
