// Reads pages in a thread of its own (see page-reader.ts). Plain JavaScript, because a thread starts without the loader that
// its parent reads TypeScript with. Sends `ready`, then for each {page, scrapedAt, byBrowser} its SourcePage.
import { parentPort } from 'node:worker_threads';
import { register } from 'tsx/esm/api';

register();
const { readPage } = await import('./read-page.ts');
parentPort.on('message', ({ page, scrapedAt, byBrowser }) => {
  parentPort.postMessage({ kind: 'page', page: readPage(page, scrapedAt, byBrowser) });
});
parentPort.postMessage({ kind: 'ready' });
