/**
 * The validator of neighbours.bench.ts, in a process of its own as the product has it: node --import tsx test/bench/neighbours-validator.ts JSON, by
 * the product's workers, workflows and activities, over a chain that says who serves where. Prints "ready"; ends on SIGTERM.
 */
import { join } from 'node:path';
import { createCollectActivities } from '../../activities/collect.ts';
import type { CollectDeps } from '../../activities/collect.ts';
import { createObjectSources } from '../../activities/object-sources.ts';
import { openDevelopmentKey } from '../../src/commit/keys/wallet.ts';
import { createMirror } from '../../src/commit/mirror.ts';
import type { DataRecord } from '../../src/core/record.ts';
import { createFileStore } from '../../src/datasets/storage.ts';
import { createOwners } from '../../src/dedup/owners.ts';
import { createGuardedFetch } from '../../src/net/guarded-fetch.ts';
import { connectRedis } from '../../src/redis/connect.ts';
import { canonicalizeUrl } from '../../src/scrapers/web/canonical-url.ts';
import { workflowBundle } from '../../temporal/bundle.ts';
import { connectWorkers } from '../../temporal/client.ts';
import { heartbeat } from '../../temporal/crawling.ts';
import { createWorkers } from '../../temporal/worker.ts';
import { blockTimeUs, WANTED } from '../support/test-validator.ts';
import { BENCH_NETUID } from './write-epoch.ts';

/** What the bench tells its validator. */
export interface ValidatorPart {
  /** Of the development key that it signs by. */
  uri: string;
  temporal: string;
  redisIndex: string;
  /** Its objects lie in `objects` there. */
  dir: string;
  /** Where each miner serves, by hotkey. */
  ports: Record<string, number>;
}

const { uri, temporal, redisIndex, dir, ports } = JSON.parse(process.argv[2] ?? '') as ValidatorPart;
const signer = await openDevelopmentKey({ uri, development: true });
const hotkey = signer.address;
const redis = await connectRedis(redisIndex);
const store = createFileStore(join(dir, 'objects'));
const neurons = Object.entries(ports).map(([miner, port], uid) => ({
  ...{ uid, hotkey: miner, coldkey: miner, registered: 1, stake: 1n, lastUpdate: 1, validatorPermit: false },
  axon: { ip: '127.0.0.1', port },
}));
const chain = {
  timestamp: (blockHash: string) => Promise.resolve(blockTimeUs(Number(blockHash))),
  // No deadline passes: what can't be had yet is tried again.
  finalized: () => Promise.resolve({ number: 1, hash: '0x01' }),
  metagraph: () => Promise.resolve(neurons),
  heldCommit: () => Promise.resolve(null),
  revealedCommits: () => Promise.resolve([]),
};
const fetch = createGuardedFetch({ userAgent: 'seine-bench', allowPrivate: [] });
const getObject = createObjectSources({
  ...{ chain, signer, netuid: BENCH_NETUID, store, heartbeat, isAllowedPeer: (ip) => ip === '127.0.0.1' },
  ...{ places: { s3Endpoint: null, hubUrl: '' }, fetch: { named: fetch, stranger: fetch } },
});
const nothing = (): Promise<void> => Promise.resolve();
const deps = {
  ...{ chain, netuid: BENCH_NETUID, store, getObject, heartbeat, wanted: WANTED },
  ...{ fetchDeadlineBlocks: 20, maxUnanchored: 8, allowanceRows: 1_000_000, allowanceBytes: 1e9 },
  mirror: createMirror({ redis, hotkey, keptBlocks: 216_000 }),
  owners: createOwners({ redis, hotkey, renewedAfterBlocks: 216_000 }),
  index: { anchoredBefore: () => Promise.resolve(null), describe: nothing },
  judged: { judge: nothing },
  canonicalId: ({ url }: DataRecord) => (canonicalizeUrl(url) === url ? `web:${url}` : null),
};
const collect = createCollectActivities(deps as unknown as CollectDeps);
const connection = await connectWorkers({ address: temporal, namespace: 'default', tls: false, apiKey: null });
const workers = await createWorkers({
  ...{ connection, namespace: 'default', hotkey, bundle: await workflowBundle(dir) },
  activities: { http: collect, data: collect },
});
process.once('SIGTERM', () => workers.shutdown());
const running = workers.run();
console.log('ready');
await running;
await connection.close();
redis.disconnect();
