// Reads pages in a thread of its own (see page-reader.ts). Plain JavaScript, because a thread starts without the loader that
// its parent reads TypeScript with. Sends `ready`, then for each reading, in their order, an answer.
import { parentPort, workerData } from 'node:worker_threads';
import { register } from 'tsx/esm/api';

register();
const { createSources } = await import('./sources.ts');
const { SeineError } = await import('../core/errors.ts');
const sources = createSources(workerData);
parentPort.on('message', ({ source, page, scrapedAt, byBrowser }) => {
  parentPort.postMessage(answerTo(source, page, scrapedAt, byBrowser));
});
parentPort.postMessage('ready');

function answerTo(source, page, scrapedAt, byBrowser) {
  try {
    return { page: sources[source].read(page, scrapedAt, byBrowser) };
  } catch (error) {
    if (!(error instanceof SeineError)) return { failed: String(error) };
    const { name, message, remedy, details } = error;
    return { refused: { name, message, remedy, details } };
  }
}
