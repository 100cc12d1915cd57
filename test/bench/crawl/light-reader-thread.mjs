// What a page-reader thread does where it is to read no more of a page than the peers do (see light-page.ts).
import { parentPort } from 'node:worker_threads';
import { register } from 'tsx/esm/api';

register();
const { lightPage } = await import('./light-page.ts');
parentPort.on('message', ({ page, scrapedAt }) => {
  parentPort.postMessage({ page: lightPage(page, scrapedAt) });
});
parentPort.postMessage('ready');
