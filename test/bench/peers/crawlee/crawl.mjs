// Crawlee's CheerioCrawler: node crawl.mjs URL PACKAGES STORAGE. PACKAGES is the folder that crawlee-peer.ts installed into; STORAGE is where the
// request queue is kept, `memory` for nowhere. One crawl for the line that it reads.
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const AT_ONCE = 16;
const [start, packages, storage] = process.argv.slice(2);
const { CheerioCrawler, Configuration, log } = createRequire(join(packages, 'package.json'))('@crawlee/cheerio');
log.setLevel(log.LEVELS.WARNING);

const persistStorage = storage !== 'memory';
const found = { pages: 0, titleLength: 0, textLength: 0 };
const crawler = new CheerioCrawler(
  {
    minConcurrency: AT_ONCE,
    maxConcurrency: AT_ONCE,
    respectRobotsTxtFile: true,
    // Cookies and the rotation of identities are nobody's work here.
    useSessionPool: false,
    persistCookiesPerSession: false,
    async requestHandler({ $, enqueueLinks }) {
      found.pages += 1;
      found.titleLength += $('title').text().length;
      found.textLength += $('body').text().length;
      await enqueueLinks();
    },
  },
  new Configuration({
    persistStorage,
    ...(persistStorage && { storageClientOptions: { localDataDirectory: storage } }),
  }),
);

const lines = createInterface({ input: process.stdin });
console.log('"ready"');
await once(lines, 'line');
await crawler.run([start]);
console.log(JSON.stringify(found));
