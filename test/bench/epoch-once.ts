/**
 * One validator's epoch for growth.bench.ts: node --import tsx test/bench/epoch-once.ts FOLDER REDIS_PORT. By the product's own activities, without
 * network: objects lie in the folder's store, and each page that is looked at again shows the row that was committed.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { createCollectActivities } from '../../activities/collect.ts';
import type { CollectDeps } from '../../activities/collect.ts';
import { createExamineActivities } from '../../activities/examine.ts';
import type { ExamineDeps } from '../../activities/examine.ts';
import { createScoreActivities } from '../../activities/score.ts';
import type { ScoreDeps } from '../../activities/score.ts';
import { createEvidenceLog } from '../../src/commit/evidence-log.ts';
import type { JudgedCommit, Judgement, ManifestCommit } from '../../src/commit/judged-commits.ts';
import { createMirror } from '../../src/commit/mirror.ts';
import type { DataRecord } from '../../src/core/record.ts';
import { createFileStore } from '../../src/datasets/storage.ts';
import { createOwners } from '../../src/dedup/owners.ts';
import { createControlRows } from '../../src/scrapers/control-rows.ts';
import { canonicalizeUrl } from '../../src/scrapers/web/canonical-url.ts';
import { PARAMETERS } from '../scoring/fixtures.ts';
import { blockTimeUs, WANTED } from '../support/test-validator.ts';
import { cpuSeconds } from './cpu-seconds.ts';
import { usedBytes } from './measures.ts';
import { BENCH_NETUID, benchHotkey } from './write-epoch.ts';

/** What an epoch took. CPU: of this process, the one that unpacks Parquet, and Redis. */
export interface EpochCost {
  rows: number;
  /** Checking and claiming all rows, then counting what is owned. */
  rowsCpuSeconds: number;
  rowsSeconds: number;
  /** Judging what pages show of the sampled rows. */
  checksCpuSeconds: number;
  /** Scores and evidence. */
  scoringCpuSeconds: number;
  indexBytes: number;
}

/** Epochs that are scored, each after the one before; what is told is one's. */
const SCORINGS = 20;
const [folder = '', port = ''] = process.argv.slice(2);
const redis = new Redis(Number(port), '127.0.0.1');
const hotkey = benchHotkey(511);

function activitiesOver(commits: readonly ManifestCommit[]) {
  const store = createFileStore(join(folder, 'objects'));
  const judged = new Map<string, JudgedCommit>();
  const uids = new Map(commits.map((commit) => [commit.hotkey, commit.uid]));
  const neurons = [...uids].map(([address, uid]) => ({ uid, hotkey: address, registered: 1 }));
  const deps = {
    chain: {
      timestamp: (blockHash: string) => Promise.resolve(blockTimeUs(Number(blockHash))),
      finalized: () => Promise.resolve({ number: 7_100_000, hash: '0x01' }),
      head: () => Promise.resolve({ number: 7_100_000, hash: '0x01' }),
      metagraph: () => Promise.resolve(neurons),
      subnetOwner: () => Promise.resolve(null),
    },
    judged: {
      judge(commit: ManifestCommit, judgement: Judgement) {
        judged.set(commit.manifest, { ...commit, judgement });
        return Promise.resolve();
      },
      between: () => Promise.resolve([...judged.values()]),
    },
    ...{ store, netuid: BENCH_NETUID, signer: { address: hotkey }, validator: hotkey, wanted: WANTED },
    ...{ parameters: PARAMETERS, inference: null, index: { describe: () => Promise.resolve() } },
    owners: createOwners({ redis, hotkey, renewedAfterBlocks: 216_000 }),
    mirror: createMirror({ redis, hotkey, keptBlocks: 216_000 }),
    controls: createControlRows({ redis, hotkey, now: Date.now }),
    evidence: createEvidenceLog({ redis, hotkey, netuid: BENCH_NETUID }),
    canonicalId: ({ url }: DataRecord) => (canonicalizeUrl(url) === url ? `web:${url}` : null),
    respot: (record: DataRecord) => Promise.resolve({ outcome: 'shown', record, lastModified: null, differs: null }),
    ...{ needsBrowser: () => false, heartbeat: () => undefined, heartbeatDetails: () => undefined },
  };
  return {
    ...createCollectActivities(deps as unknown as CollectDeps),
    ...createExamineActivities(deps as unknown as ExamineDeps),
    ...createScoreActivities(deps as unknown as ScoreDeps),
  };
}

async function validate(commits: readonly ManifestCommit[]): Promise<EpochCost> {
  await redis.flushall();
  const run = activitiesOver(commits);
  const epoch = { index: 1, start: 0, end: 7_100_000 };
  const seedBlock = { number: 7_100_001, hash: '0x02' };
  const [startedAt, emptyBytes, start] = [performance.now(), await usedBytes(redis), await cpuSeconds(redis)];
  for (const commit of commits) {
    const judgement = await run.claimCommit({ commit, manifests: [commit.manifest] });
    if (judgement.status !== 'accepted') throw new Error(`not accepted: ${judgement.reason}`);
  }
  const indexBytes = (await usedBytes(redis)) - emptyBytes;
  const drawn = [];
  for (const miner of await run.minersOf({ epoch })) {
    drawn.push(await run.drawSample({ hotkey: miner, epoch, seedBlock }));
  }
  const [endedAt, counted] = [performance.now(), await cpuSeconds(redis)];
  const findings: string[] = [];
  for (const { counts, rejected, signs, sample } of drawn) {
    const { verdicts, unproven_ppm, controls } = await run.checkSample({ sample, queue: 'http' });
    const spot = { valid: verdicts.length, invalid: 0, gone: 0, inconclusive: 0 };
    const found = { ...counts, rejected, signs, sample, verdicts, unproven_ppm, controls, spot };
    findings.push(await run.keepFindings({ findings: found }));
  }
  const checked = await cpuSeconds(redis);
  for (let index = 1; index <= SCORINGS; index++) {
    await run.scoreEpoch({ epoch: { ...epoch, index }, seedBlock, findings });
  }
  const rows = drawn.reduce((sum, { counts }) => sum + counts.rows_owned, 0);
  return {
    ...{ rows, indexBytes, rowsCpuSeconds: counted - start, rowsSeconds: (endedAt - startedAt) / 1000 },
    checksCpuSeconds: checked - counted,
    scoringCpuSeconds: ((await cpuSeconds(redis)) - checked) / SCORINGS,
  };
}

const read = (name: string): ManifestCommit[] =>
  JSON.parse(readFileSync(join(folder, name), 'utf8')) as ManifestCommit[];
// What is compiled and connected at the start is no part of an epoch's cost.
for (let round = 0; round < 2; round++) await validate(read('warm-up.json'));
console.log(JSON.stringify(await validate(read('commits.json'))));
redis.disconnect();
