import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as aws from '@aws-sdk/client-s3';
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCollectActivities } from '../../activities/collect.ts';
import type { CollectActivities, CollectDeps } from '../../activities/collect.ts';
import { createObjectSources } from '../../activities/object-sources.ts';
import { createPublishActivities } from '../../activities/publish.ts';
import { createSealActivities } from '../../activities/seal.ts';
import type { SealDeps } from '../../activities/seal.ts';
import { openObjectStorage, publicFetch, publicPlaces } from '../../src/cli/roots/object-storage.ts';
import type { Chain, Neuron } from '../../src/commit/chain-port.ts';
import type { ManifestCommit } from '../../src/commit/judged-commits.ts';
import { openDevelopmentKey } from '../../src/commit/keys/wallet.ts';
import { encodeManifest } from '../../src/commit/manifest.ts';
import { createMirror, mirrorPolicy } from '../../src/commit/mirror.ts';
import { createOutbox } from '../../src/commit/outbox.ts';
import { connectChain } from '../../src/commit/subtensor/client.ts';
import { logJudgements } from '../../src/commit/verdict-log/logged-judgements.ts';
import { createVerdictLog } from '../../src/commit/verdict-log/verdict-log.ts';
import { loadSettings } from '../../src/config/load.ts';
import type { Settings } from '../../src/config/load.ts';
import type { Signer } from '../../src/core/chain.ts';
import { createFileStore } from '../../src/datasets/storage.ts';
import { writeShard } from '../../src/datasets/shard-writer.ts';
import { startObjectServer } from '../../src/net/object-server.ts';
import type { ObjectServer } from '../../src/net/object-server.ts';
import { createSeenIds } from '../../src/net/seen-ids.ts';
import { connectRedis } from '../../src/redis/connect.ts';
import { cloneRoot } from '../../stack/parts.ts';
import { freePort } from '../../stack/ports.ts';
import { exampleManifest } from '../commit/support/example-manifest.ts';
import { sampleRecords } from '../datasets/records.ts';
import { startHubStandIn } from '../support/hub-stand-in.ts';
import { startS3Server } from '../support/s3-server.ts';
import type { S3Server } from '../support/s3-server.ts';
import { useStack } from '../support/stack.ts';

/*
 * A miner's bytes on their way to validators, by S3 (the moto server), the Hub (a stand-in) and mirrors. The miner's commitments stand on the
 * stack's chain; validators are those of the product with a chain that says who else there is.
 */

const NETUID = 1;
const rows = sampleRecords(100);
/** Lets everybody read what is in the bucket, as docs/miner.md says. */
const PUBLIC = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: 'arn:aws:s3:::shards/*' }],
};
const dir = mkdtempSync(join(tmpdir(), 'seine-sources-'));
let s3: S3Server;
let hub: Awaited<ReturnType<typeof startHubStandIn>>;
let client: aws.S3Client;
let chain: Chain;
let state: Redis;
let miners = 0;

beforeAll(async () => {
  [s3, hub] = await Promise.all([startS3Server(), startHubStandIn()]);
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  client = new aws.S3Client({ endpoint: s3.endpoint, region: 'us-east-1', credentials, forcePathStyle: true });
  for (const Bucket of ['shards', 'drafts']) await client.send(new aws.CreateBucketCommand({ Bucket }));
  await client.send(new aws.PutBucketPolicyCommand({ Bucket: 'shards', Policy: JSON.stringify(PUBLIC) }));
  chain = await connectChain({ endpoints: [useStack().chain] });
  state = await connectRedis(useStack().redisState);
});

afterAll(async () => {
  client.destroy();
  state.disconnect();
  await chain.close();
  await Promise.all([s3.close(), hub.close()]);
  rmSync(dir, { recursive: true });
});

function settingsOf(locator: string): Settings {
  const env = {
    ...{ HOME: dir, SEINE_HOME: dir, SEINE_MINER_LOCATOR: locator },
    ...{ SEINE_S3_ENDPOINT: s3.endpoint, SEINE_S3_ACCESS_KEY: 'test', SEINE_S3_SECRET_KEY: 'test' },
    ...{ SEINE_S3_DRAFTS: 'drafts/mine', SEINE_HUB_URL: hub.url, SEINE_HUB_TOKEN: 'hf_test' },
  };
  return loadSettings({ env, cwd: dir });
}

interface Commitment {
  commit: ManifestCommit;
  digests: string[];
  /** Keys in each bucket before the commitment, and after it was final. */
  before: Record<string, string[]>;
  after: Record<string, string[]>;
}

/** A new miner seals ten rows, commits them on chain and releases them, by the product's own activities. */
async function commitBy(locator: string): Promise<Commitment> {
  miners += 1;
  const signer = await openDevelopmentKey({ uri: `//Seine//sources-${miners}`, development: true });
  const coldkey = await openDevelopmentKey({ uri: '//Alice', development: true });
  const hotkey = signer.address;
  await chain.register({ netuid: NETUID, hotkey, signer: coldkey });
  const home = join(dir, `miner-${miners}`);
  const store = createFileStore(join(home, 'objects'));
  const outbox = createOutbox({ redis: state, hotkey });
  const path = join(dir, `shard-${miners}.parquet`);
  const shard = await writeShard(rows.slice(miners * 10, miners * 10 + 10), path);
  await store.putFile(path);
  const manifest = exampleManifest({ netuid: NETUID, hotkey, shards: [shard], rows_root: shard.rows_root });
  const digest = await store.put(new TextEncoder().encode(encodeManifest(manifest)));
  const digests = [digest, shard.sha256];
  const begun = await outbox.begin('docs', () => Promise.resolve([shard.sha256]));
  if (begun === null) throw new Error('there is a batch');
  await outbox.finish(begun, { digest, seq: 0, rows: 10, objects: digests }, { rows: 10, duplicates: 0 });

  const place = await openObjectStorage(settingsOf(locator), home);
  const storage = place?.storage ?? null;
  const frontier = () => ({ pendingBatches: () => Promise.resolve([]) });
  const seal = createSealActivities({
    ...{ outbox, store, storage, frontier },
    heartbeat: () => undefined,
  } as unknown as SealDeps);
  expect((await seal.sealManifest({ job: 'docs' })).waiting).toEqual([{ digest, seq: 0 }]);
  const before = await bucketsNow();
  const publish = createPublishActivities({
    ...{ chain, signer, netuid: NETUID, locator, maxUnanchored: 8, outbox, store, storage },
    heartbeat: () => undefined,
  });
  const outcome = await publish.publishQueue();
  place?.close();
  if (outcome.status !== 'committed') throw new Error(`not committed: ${outcome.status}`);
  const { block, event } = outcome;
  const [found] = (await chain.commitsIn(NETUID, block)).filter((item) => item.hotkey === hotkey);
  if (found === undefined) throw new Error('the commitment is not on chain');
  const { registered, uid, blockHash } = found;
  const at = { netuid: NETUID, hotkey, registered, uid, block, blockHash, event };
  return { commit: { ...at, manifest: digest, seq: 0, rows: 10, locator }, digests, before, after: await bucketsNow() };
}

async function bucketsNow(): Promise<Record<string, string[]>> {
  const keys = async (Bucket: string): Promise<string[]> =>
    ((await client.send(new aws.ListObjectsV2Command({ Bucket }))).Contents ?? []).map(({ Key }) => Key ?? '');
  return { shards: await keys('shards'), drafts: await keys('drafts') };
}

interface TestValidator {
  signer: Signer;
  collect: CollectActivities;
  neuron: Neuron;
  server: ObjectServer;
}

/** A validator that serves what it accepts, in a subnet of these neurons; its deadlines are long over, so that it tries once. */
async function openValidator(name: string, neurons: Neuron[]): Promise<TestValidator> {
  const signer = await openDevelopmentKey({ uri: `//Seine//sources-${name}`, development: true });
  const hotkey = signer.address;
  const store = createFileStore(join(dir, name));
  const mirror = createMirror({ redis: state, hotkey, keptBlocks: 216_000 });
  const settings = settingsOf('');
  const timestamp = () => Promise.resolve(1_800_000_000_000_000);
  const known = {
    timestamp,
    finalized: () => Promise.resolve({ number: 100_000, hash: '0x02' }),
    metagraph: () => Promise.resolve(neurons),
    heldCommit: () => Promise.resolve(null),
    revealedCommits: () => Promise.resolve([]),
  };
  const heartbeat = () => undefined;
  const getObject = createObjectSources({
    ...{ chain: known, signer, netuid: NETUID, store, heartbeat, isAllowedPeer: (ip) => ip === '127.0.0.1' },
    ...{ places: publicPlaces(settings), fetch: publicFetch(settings) },
  });
  const nothing = () => Promise.resolve();
  const log = createVerdictLog({ redis: state, signer, netuid: NETUID });
  const wanted = await store.put(Buffer.from('{}'));
  const deps = {
    ...{ chain: known, netuid: NETUID, store, getObject, mirror, heartbeat },
    ...{ fetchDeadlineBlocks: 20, maxUnanchored: 8, allowanceRows: 1000, allowanceBytes: 1e6 },
    index: { anchoredBefore: () => Promise.resolve(null), describe: nothing },
    judged: logJudgements({ judge: nothing, between: () => Promise.resolve([]) }, { log, mirror, wanted, timestamp }),
    owners: { record: { claim: nothing }, text: { claim: nothing }, media: { claim: nothing } },
    wanted: { version: 1, jobs: [{ id: 'docs', source: 'web', hosts: ['docs.example'] }] },
    canonicalId: (row: { url: string }) => `web:${row.url}`,
  };
  const server = await startObjectServer({
    ...{ host: '127.0.0.1', port: 0, hotkey, seen: createSeenIds({ redis: state, hotkey, now: Date.now }) },
    mayServe: mirrorPolicy(mirror, known, NETUID),
    open: (digest) => store.open(digest).catch(() => null),
    log: () => undefined,
  });
  const neuron = neuronOf(hotkey, server.port, true);
  neurons.push(neuron);
  return { signer, collect: createCollectActivities(deps as unknown as CollectDeps), neuron, server };
}

function neuronOf(hotkey: string, port: number, validatorPermit: boolean): Neuron {
  const place = { uid: 1, hotkey, coldkey: hotkey, registered: 1, stake: 1n, lastUpdate: 1 };
  return { ...place, axon: { ip: '127.0.0.1', port }, validatorPermit };
}

/** What a validator makes of a commitment: 'accepted', or why not. */
async function judgementOf({ collect }: TestValidator, commit: ManifestCommit): Promise<string> {
  const fetched = await collect.fetchCommit({ commit });
  if (fetched.status !== 'fetched') return `${fetched.status} ${fetched.reason}`;
  const judgement = await collect.claimCommit({ commit, manifests: fetched.manifests });
  return judgement.status === 'accepted' ? 'accepted' : judgement.reason;
}

describe('objects at a locator', () => {
  it('lie in S3, privately until the commitment is final, and validators verify them there', async () => {
    const { commit, digests, before, after } = await commitBy('s3:shards/public');
    const under = (prefix: string): string[] => digests.map((digest) => `${prefix}/${digest}`).sort();
    expect(before).toEqual({ shards: [], drafts: under('mine') });
    expect(after).toEqual({ shards: under('public'), drafts: [] });
    const validator = await openValidator('s3', []);
    expect(await judgementOf(validator, commit)).toBe('accepted');
    await validator.server.close();
  });

  it('lie on the Hub, and nothing of them before the commitment is final', async () => {
    const asked = hub.commits();
    const { commit } = await commitBy('hf:ada/shards');
    expect(hub.commits() - asked).toBe(2);
    const validator = await openValidator('hub', []);
    expect(await judgementOf(validator, commit)).toBe('accepted');
    await validator.server.close();
  });

  it('cost their miner alone when they are not what their name says', async () => {
    const [bad, good] = [await commitBy('s3:shards/bad'), await commitBy('s3:shards/good')];
    const Key = `bad/${bad.digests[1]}`;
    await client.send(new aws.PutObjectCommand({ Bucket: 'shards', Key, Body: 'another object' }));
    const validator = await openValidator('refusing', []);
    const judgements = await Promise.all([bad, good].map(({ commit }) => judgementOf(validator, commit)));
    expect(judgements).toEqual(['void digest', 'accepted']);
    // Though its bytes are here.
    expect(await judgementOf(validator, { ...good.commit, locator: 'ipfs:shards' })).toBe(
      'rejected locator_not_supported',
    );
    await validator.server.close();
  });

  it('are nowhere that a miner points to inside the network of a validator', async () => {
    const { commit } = await commitBy('');
    const validator = await openValidator('inside', []);
    const port = new URL(s3.endpoint).port;
    expect(await judgementOf(validator, { ...commit, locator: `https:127.0.0.1:${port}/shards` })).toBe(
      'void AddressRefused',
    );
    await validator.server.close();
  });
});

describe('a miner that is away', () => {
  it('is fetched from another validator that has accepted the same bytes', async () => {
    const { commit } = await commitBy('');
    const neurons: Neuron[] = [];
    const [first, second, stranger] = [
      await openValidator('first', neurons),
      await openValidator('second', neurons),
      await openValidator('stranger', neurons),
    ];
    stranger.neuron.validatorPermit = false;
    const miner = await startObjectServer({
      ...{ host: '127.0.0.1', port: 0, hotkey: commit.hotkey },
      seen: createSeenIds({ redis: state, hotkey: commit.hotkey, now: Date.now }),
      mayServe: () => Promise.resolve({ allowed: true }),
      open: (digest) =>
        createFileStore(join(dir, `miner-${miners}`, 'objects'))
          .open(digest)
          .catch(() => null),
      log: () => undefined,
    });
    const neuron = neuronOf(commit.hotkey, miner.port, false);
    neurons.push(neuron);
    expect(await judgementOf(first, commit)).toBe('accepted');
    await miner.close();
    neuron.axon = { ip: '127.0.0.1', port: await freePort(0) };
    expect(await judgementOf(second, commit)).toBe('accepted');
    expect(await judgementOf(stranger, commit)).toBe('void connection');
    await Promise.all([first, second, stranger].map(({ server }) => server.close()));
  });

  it('is not made up for by a validator that sends something else', async () => {
    const { commit } = await commitBy('');
    const neurons: Neuron[] = [neuronOf(commit.hotkey, await freePort(0), false)];
    const liar = await openDevelopmentKey({ uri: '//Seine//sources-liar', development: true });
    const other = createFileStore(join(dir, 'liar'));
    const digest = await other.put(Buffer.from('another object'));
    const server = await startObjectServer({
      ...{ host: '127.0.0.1', port: 0, hotkey: liar.address },
      seen: createSeenIds({ redis: state, hotkey: liar.address, now: Date.now }),
      mayServe: () => Promise.resolve({ allowed: true }),
      open: () => other.open(digest),
      log: () => undefined,
    });
    neurons.push(neuronOf(liar.address, server.port, true));
    const validator = await openValidator('misled', neurons);
    expect(await judgementOf(validator, commit)).toBe('void connection');
    await Promise.all([server.close(), validator.server.close()]);
  });
});

describe('seine validator', () => {
  it('says on chain where it serves what it accepts, and answers there', async () => {
    const seed = '//Seine//sources-serving';
    const { address: hotkey } = await openDevelopmentKey({ uri: seed, development: true });
    const coldkey = await openDevelopmentKey({ uri: '//Alice', development: true });
    await chain.register({ netuid: NETUID, hotkey, signer: coldkey });
    const { temporal, redisIndex, redisState, chain: endpoint, chromium } = useStack();
    const env = {
      ...process.env,
      ...{ SEINE_HOME: join(dir, 'home'), SEINE_DEV: 'true', SEINE_WALLET_DEV_SEED: seed, CHROMIUM_PATH: chromium },
      ...{ SEINE_VALIDATOR_LISTEN_HOST: '127.0.0.1', SEINE_VALIDATOR_PUBLIC_IP: '127.0.0.1' },
      ...{ TEMPORAL_ADDRESS: temporal, SUBTENSOR_ENDPOINT: endpoint },
      ...{ REDIS_INDEX_URL: redisIndex, REDIS_STATE_URL: redisState, SEINE_WANTED_FILE: join(dir, 'wanted.json') },
    };
    const job = { id: 'docs', source: 'web', seeds: [], hosts: ['docs.example'], max_pages: 1, weight_ppm: 1_000_000 };
    writeFileSync(join(dir, 'wanted.json'), JSON.stringify({ version: 1, jobs: [job] }));
    const main = join(cloneRoot, 'src', 'cli', 'main.ts');
    const child = spawn(process.execPath, ['--import', 'tsx', main, 'validator'], {
      env,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let trouble = '';
    child.stderr.on('data', (chunk: Buffer) => (trouble += chunk.toString()));
    const ended = new Promise((resolve) => child.once('exit', resolve));
    try {
      let axon: Neuron['axon'] = null;
      while (axon === null && child.exitCode === null) {
        await new Promise((resolve) => setTimeout(resolve, 250));
        axon = (await chain.metagraph(NETUID)).find((item) => item.hotkey === hotkey)?.axon ?? null;
      }
      if (axon === null) throw new Error(trouble);
      const answer = await fetch(`http://${axon.ip}:${axon.port}/health`);
      expect(await answer.json()).toEqual({ status: 'ok', hotkey });
    } finally {
      child.kill('SIGTERM');
    }
    expect(await ended).toBe(0);
  });
});

describe('a miner whose settings name a place that it can not write to', () => {
  it.each([
    ['s3:shards', { SEINE_S3_DRAFTS: 'shards/drafts' }, 'storage.s3_drafts lies within it'],
    ['hf:ada/shards', {}, 'set storage.hub_token'],
    ['https:files.example', {}, 'storage.web_folder'],
    ['ipfs:shards', {}, 'it is not s3:bucket/prefix'],
  ])('%s is told so', async (locator, env, message) => {
    const settings = loadSettings({ env: { HOME: dir, SEINE_MINER_LOCATOR: locator, ...env }, cwd: dir });
    await expect(openObjectStorage(settings, dir)).rejects.toThrow(message);
  });

  it('puts files into the folder that a web server shows, once they may be seen', async () => {
    const folder = join(dir, 'web');
    const env = { HOME: dir, SEINE_MINER_LOCATOR: 'https:files.example/a', SEINE_WEB_FOLDER: folder };
    const place = await openObjectStorage(loadSettings({ env, cwd: dir }), join(dir, 'web-miner'));
    const path = join(dir, 'object');
    writeFileSync(path, 'bytes');
    const digest = (await place?.storage.putFile(path)) ?? '';
    expect(await place?.storage.isReleased(digest)).toBe(false);
    await place?.storage.release(digest);
    expect(readFileSync(join(folder, digest), 'utf8')).toBe('bytes');
  });
});
