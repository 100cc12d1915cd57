import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { cloneRoot } from '../../stack/parts.ts';
import { stackMarker } from '../../stack/process-group.ts';
import { startSite } from '../../stack/site/site.ts';
import type { Site } from '../../stack/site/site.ts';
import { startStack } from '../../stack/stack.ts';
import type { StackHandle } from '../../stack/stack.ts';
import { readState } from '../../stack/state-file.ts';
import { localTemporal } from '../../stack/temporal.ts';
import type { Chain } from '../../src/commit/chain-port.ts';
import { decodeCommitment } from '../../src/commit/commitment.ts';
import { openDevelopmentKey } from '../../src/commit/keys/wallet.ts';
import { parseManifest } from '../../src/commit/manifest.ts';
import { createOutbox } from '../../src/commit/outbox.ts';
import type { CommittedManifest } from '../../src/commit/outbox.ts';
import { connectChain } from '../../src/commit/subtensor/client.ts';
import type { Signer } from '../../src/core/chain.ts';
import { createFileStore } from '../../src/datasets/storage.ts';
import { verifyShard } from '../../src/datasets/verify-shard.ts';
import { connectRedis } from '../../src/redis/connect.ts';
import { createFrontier } from '../../src/scrapers/frontier/frontier.ts';

/*
 * `seine miner` as an operator runs it, against a stack of its own: killed with -9 in the middle of a scrape and of a commit, and with
 * Temporal gone for a while. However it went, every page's row is committed, once, and each manifest has one commitment.
 */

const PAGES = 60;
const NETUID = 1;
const parent = join(cloneRoot, '.seine', 'test');
let dir: string;
let stack: StackHandle;
let site: Site;
let chain: Chain;
let state: Redis;
let coldkey: Signer;
const running = new Set<ChildProcess>();

beforeAll(async () => {
  mkdirSync(parent, { recursive: true });
  dir = mkdtempSync(join(parent, 'miner-'));
  const [started, opened] = await Promise.all([
    startStack({ dir: join(dir, 'stack'), chain: { blocks: 'instant' }, env: process.env, log: () => undefined }),
    startSite({ root: join(cloneRoot, 'node_modules'), port: 0, maxPages: PAGES, log: () => undefined }),
  ]);
  [stack, site] = [started, opened];
  chain = await connectChain({ endpoints: [stack.urls.chain] });
  state = await connectRedis(stack.urls.redisState);
  coldkey = await openDevelopmentKey({ uri: '//Alice', development: true });
  const hosts = site.hosts;
  const job = { id: 'docs', source: 'web', seeds: [site.url], hosts, allow_private: hosts };
  const wanted = { version: 1, jobs: [{ ...job, max_pages: PAGES * 3, pool: 'data', weight_ppm: 1_000_000 }] };
  writeFileSync(join(dir, 'wanted.json'), JSON.stringify(wanted));
}, 120_000);

afterEach(() => {
  for (const child of running) child.kill('SIGKILL');
  running.clear();
});

afterAll(async () => {
  state.disconnect();
  await chain.close();
  await site.close();
  await stack.down();
  rmSync(dir, { recursive: true, force: true });
}, 60_000);

interface Miner {
  signer: Signer;
  start: () => ChildProcess;
  pages: () => Promise<number>;
  /** Pages that were given up, by reason. */
  failed: () => Promise<Readonly<Record<string, number>>>;
  /** Manifests that are sealed and not committed. */
  waiting: () => Promise<boolean>;
  commits: () => Promise<CommittedManifest[]>;
}

/** A registered miner; nothing of it runs yet. */
async function openMiner(seed: string): Promise<Miner> {
  const signer = await openDevelopmentKey({ uri: seed, development: true });
  await chain.register({ netuid: NETUID, hotkey: signer.address, signer: coldkey });
  const outbox = createOutbox({ redis: state, hotkey: signer.address });
  const frontier = createFrontier({ redis: state, hotkey: signer.address, crawl: 'docs' });
  const env = {
    ...process.env,
    ...{ [stackMarker]: stack.dir, SEINE_HOME: join(dir, 'home'), SEINE_DEV: 'true', SEINE_WALLET_DEV_SEED: seed },
    ...{ SEINE_WANTED_FILE: join(dir, 'wanted.json'), SEINE_MINER_SCHEDULE_RUNS: '1', SEINE_MINER_BATCH_PAGES: '10' },
    ...{ SEINE_MINER_LISTEN_HOST: '127.0.0.1', SEINE_MINER_PUBLIC_IP: '127.0.0.1' },
    ...{ TEMPORAL_ADDRESS: stack.urls.temporal, SUBTENSOR_ENDPOINT: stack.urls.chain },
    ...{ REDIS_INDEX_URL: stack.urls.redisIndex, REDIS_STATE_URL: stack.urls.redisState },
    CHROMIUM_PATH: stack.urls.chromium,
  };
  return {
    signer,
    start() {
      const main = join(cloneRoot, 'src', 'cli', 'main.ts');
      const child = spawn(process.execPath, ['--import', 'tsx', main, 'miner'], { env, stdio: 'ignore' });
      running.add(child);
      return child;
    },
    pages: async () => (await frontier.stats()).pages,
    failed: async () => (await frontier.stats()).reasons,
    waiting: async () => (await outbox.waiting()).length > 0,
    commits: () => outbox.commits(),
  };
}

async function until(look: () => Promise<boolean>, everyMs = 100): Promise<void> {
  while (!(await look())) await sleep(everyMs);
}

async function killed(child: ChildProcess): Promise<void> {
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await ended;
  running.delete(child);
}

/** Every row of a miner's commitments, read from its own store; the chain holds each manifest once. */
async function committedIds(miner: Miner): Promise<string[]> {
  const hotkey = miner.signer.address;
  const store = createFileStore(join(dir, 'home', 'operators', hotkey.slice(0, 8), 'objects'));
  const commits = await miner.commits();
  const head = await chain.finalized();
  const onChain: string[] = [];
  for (let block = 1; block <= head.number; block += 1) {
    for (const commit of await chain.commitsIn(NETUID, block)) {
      const named = decodeCommitment(commit.data);
      if (commit.hotkey === hotkey && named.kind === 'manifest') onChain.push(named.manifest);
    }
  }
  expect(onChain).toEqual([...new Set(commits.map(({ anchor }) => anchor))]);
  const ids: string[] = [];
  for (const { digest } of commits) {
    const manifest = parseManifest(await store.get(digest), { digest, netuid: NETUID, hotkey });
    for (const shard of manifest.shards) {
      const { rows } = await verifyShard(store.path(shard.sha256) ?? '', shard);
      ids.push(...rows.map((row) => row.id));
    }
  }
  return ids.sort();
}

let expected: string[];
/** What the site itself refuses. */
let givenUp: Readonly<Record<string, number>>;

it('commits every page of a site once', async () => {
  const miner = await openMiner('//Seine//test-whole');
  miner.start();
  await until(async () => (await miner.commits()).length > 0);
  expected = await committedIds(miner);
  givenUp = await miner.failed();
  expect(expected.length).toBeGreaterThan(PAGES * 0.8);
  expect(new Set(expected).size).toBe(expected.length);
}, 180_000);

it('loses and doubles nothing when killed in the middle of a scrape and of a commit', async () => {
  const miner = await openMiner('//Seine//test-killed');
  const first = miner.start();
  await until(async () => (await miner.pages()) >= 10, 20);
  await killed(first);
  expect(await miner.commits()).toEqual([]);
  const second = miner.start();
  await until(() => miner.waiting(), 20);
  await killed(second);
  miner.start();
  await until(async () => (await miner.commits()).length > 0 && !(await miner.waiting()));
  expect(await miner.failed()).toEqual(givenUp);
  expect(await committedIds(miner)).toEqual(expected);
}, 400_000);

it('goes on when Temporal is back', async () => {
  const miner = await openMiner('//Seine//test-temporal');
  miner.start();
  await until(async () => (await miner.pages()) >= 10, 20);
  const record = readState(stack.dir)?.parts.find((part) => part.name === 'temporal');
  process.kill(record?.pid ?? 0, 'SIGKILL');
  await sleep(3000);
  expect(await miner.commits()).toEqual([]);
  const { executable, args, cwd, env } = localTemporal(stack.dir, process.env).command(record?.ports ?? []);
  running.add(spawn(executable, args, { cwd, env: { ...env, [stackMarker]: stack.dir }, stdio: 'ignore' }));
  await until(async () => (await miner.commits()).length > 0);
  expect(await miner.failed()).toEqual(givenUp);
  expect(await committedIds(miner)).toEqual(expected);
}, 400_000);
