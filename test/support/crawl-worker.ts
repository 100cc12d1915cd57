// The workers of a crawl, as a process of their own that can be killed.
// Arguments: folder, URL of Redis, address of Temporal.
import { openDevelopmentKey } from '../../src/commit/keys/wallet.ts';
import { createScrapingWorkers } from './scraping-workers.ts';

const [dir = '', redisUrl = '', temporal = ''] = process.argv.slice(2);
const signer = await openDevelopmentKey({ uri: '//Alice', development: true });
const workers = await createScrapingWorkers({ dir, redisUrl, temporal, signer });
await workers.run();
