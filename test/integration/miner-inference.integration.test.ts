import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request as tlsRequest } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { WsProvider } from '@polkadot/api';
import { cryptoWaitReady } from '@polkadot/util-crypto';
import { Redis } from 'ioredis';
import { Registry } from 'prom-client';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startChain } from '../../chain/server.ts';
import type { Chain as DevelopmentChain } from '../../chain/server.ts';
import { runCli } from '../../src/cli/program.ts';
import { openInference } from '../../src/cli/roots/serve-inference.ts';
import type { MinerInference } from '../../src/cli/roots/serve-inference.ts';
import { serveMiner } from '../../src/cli/roots/serve-miner.ts';
import type { Chain } from '../../src/commit/chain-port.ts';
import { openDevelopmentKey } from '../../src/commit/keys/wallet.ts';
import { isSignedBy } from '../../src/commit/signed-json.ts';
import { connectChain } from '../../src/commit/subtensor/client.ts';
import { loadSettings } from '../../src/config/load.ts';
import type { Signer } from '../../src/core/chain.ts';
import { sha256Hex } from '../../src/core/hash/sha256.ts';
import { capacityStatement, volumeStatement } from '../../src/inference/server/statements.ts';
import { signRequest } from '../../src/net/epistula.ts';
import { createObjectHandler } from '../../src/net/object-handler.ts';
import { createSeenIds } from '../../src/net/seen-ids.ts';
import { stakeShares } from '../../src/scoring/inference/stake-shares.ts';
import { startModelStandIn } from '../../stack/model-stand-in/server.ts';
import type { ModelStandIn } from '../../stack/model-stand-in/server.ts';
import { cloneRoot } from '../../stack/parts.ts';
import { textSink } from '../cli/run.ts';
import { RENEWED_CERTIFICATE, RENEWED_KEY, TEST_CERTIFICATE, TEST_KEY } from '../net/test-certificate.ts';
import { startRedisServers } from '../support/redis-servers.ts';
import type { RedisServers } from '../support/redis-servers.ts';

/*
 * A miner's server as its command puts it together, with a real chain, a real Redis and the stand-in as its engine: who may ask, how much, and that it stays so
 * after a restart; tasks and certificates that change under it; objects and inference, HTTP and TLS on the one port.
 */

const NETUID = 1;
const TAO = 1_000_000_000;
/** None that a test crosses. */
const DAY_MS = 86_400_000;
const STAKES = { Large: 80, Small: 20, Poor: 2, Bare: 0 } as const;
type Caller = keyof typeof STAKES;
const OBJECT = Buffer.from('rows');
const CHAT = '/v1/chat/completions';

let dir: string;
let server: DevelopmentChain;
let chain: Chain;
let redis: RedisServers;
let state: Redis;
let engine: ModelStandIn;
let miner: Signer;
let keys: Record<Caller, Signer>;
let running: { port: number; inference: MinerInference; registry: Registry; stop: () => Promise<void> } | null = null;
let environment: Record<string, string>;
const logged: string[] = [];

beforeAll(async () => {
  await cryptoWaitReady();
  dir = mkdtempSync(join(tmpdir(), 'seine-miner-inference-'));
  const key = (uri: string): Promise<Signer> => openDevelopmentKey({ uri, development: true });
  const owner = await key('//Owner');
  miner = await key('//Miner');
  const names = Object.keys(STAKES) as Caller[];
  const made = await Promise.all(names.map(async (name) => [name, await key(`//${name}`)] as const));
  keys = Object.fromEntries(made) as typeof keys;
  [server, redis, engine] = await Promise.all([
    startChain({
      ...{ dir: join(dir, 'chain'), port: 0, blocks: { mode: 'instant' }, log: () => undefined },
      genesis: {
        endowed: [{ address: owner.address, rao: 100_000 * TAO }],
        sudo: owner.address,
        subnets: [{ netuid: NETUID, owner: owner.address, tempo: 10, servingRateLimit: 0 }],
      },
    }),
    startRedisServers(1),
    startModelStandIn(),
  ]);
  state = new Redis(redis.ports[0] ?? 0, '127.0.0.1');
  chain = await connectChain({ endpoints: [server.endpoint] });
  for (const { address } of [miner, ...Object.values(keys)]) {
    await chain.register({ netuid: NETUID, hotkey: address, signer: owner });
  }
  for (const name of names) {
    const rao = BigInt(STAKES[name] * TAO);
    if (rao > 0n) await chain.addStake({ netuid: NETUID, hotkey: keys[name].address, rao, signer: owner });
  }
  // Permits are given at the end of an epoch.
  const provider = new WsProvider(server.endpoint);
  await provider.isReady;
  await provider.send('dev_newBlock', [{ count: 12 }]);
  await provider.disconnect();
});

afterAll(async () => {
  state.disconnect();
  await Promise.all([chain.close(), redis.stop(), engine.close()]);
  await server.close();
  rmSync(dir, { recursive: true, force: true });
});

beforeEach(async () => {
  await state.flushall();
  engine.setMode('honest');
  environment = {};
  writeTasks({ name: 'talk', kind: 'chat', model: 'm', unit: 'requests' });
  writeServe({ task: 'talk', volume: 10 });
});

afterEach(async () => {
  await running?.stop();
  running = null;
  logged.length = 0;
});

function writeTasks(...tasks: object[]): void {
  const whole = tasks.map((task) => ({ weight_ppm: 1, period_ms: DAY_MS, ...task }));
  writeFileSync(join(dir, 'tasks.json'), JSON.stringify({ version: 1, rescale: true, tasks: whole }));
}

function writeServe(...serve: object[]): void {
  const backend = { kind: 'openai', url: engine.url };
  const whole = serve.map((entry) => ({ backend, ...entry }));
  writeFileSync(join(dir, 'serve.json'), JSON.stringify({ version: 1, serve: whole }));
}

function settingsEnvironment(): Record<string, string> {
  return {
    ...{ HOME: dir, SEINE_HOME: dir, SEINE_NETUID: String(NETUID), SEINE_MINER_LISTEN_HOST: '127.0.0.1' },
    ...{ SEINE_MINER_SERVE_FILE: join(dir, 'serve.json'), SEINE_INFERENCE_TASKS_FILE: join(dir, 'tasks.json') },
    ...{ SEINE_INFERENCE_LEAST_STAKE_TAO: '5', ...environment },
  };
}

async function start(): Promise<void> {
  await running?.stop();
  const settings = loadSettings({
    env: settingsEnvironment(),
    cwd: dir,
  });
  const log = (message: string, details: object): void => {
    logged.push(`${message} ${JSON.stringify(details)}`);
  };
  const registry = new Registry();
  const seen = createSeenIds({ redis: state, hotkey: miner.address, now: Date.now });
  const inference = await openInference(settings, { signer: miner, state, chain, seen, registry, env: {}, log });
  if (inference === null) throw new Error('a serve file is named');
  const objects = createObjectHandler({
    ...{ hotkey: miner.address, seen, log },
    mayServe: () => Promise.resolve({ allowed: true }),
    open: () => Promise.resolve({ stream: Readable.from([OBJECT]), sizeBytes: OBJECT.length }),
  });
  const { port, close } = await serveMiner(settings, { hotkey: miner.address, objects, inference, log });
  const stop = async (): Promise<void> => {
    await close();
    await inference.close();
  };
  running = { port, inference, registry, stop };
}

async function signed(name: Caller, body: Buffer): Promise<Record<string, string>> {
  return signRequest({ body, signer: keys[name], receiver: miner.address, now: Date.now, uuid: randomUUID });
}

async function ask(name: Caller, path: string, value: object): Promise<Response> {
  const body = Buffer.from(JSON.stringify(value));
  const headers = await signed(name, body);
  return fetch(`http://127.0.0.1:${running?.port}${path}`, { method: 'POST', headers, body });
}

const hello = { model: 'm', messages: [{ role: 'user', content: 'hello' }], max_tokens: 4 };
const chat = (name: Caller): Promise<Response> => ask(name, CHAT, hello);

/** Statuses of one request after the other. */
async function statuses(name: Caller, count: number): Promise<number[]> {
  const all: number[] = [];
  for (let index = 0; index < count; index += 1) all.push((await chat(name)).status);
  return all;
}

/** What linear shares of the stakes on chain come to. */
async function owed(volume: number): Promise<Record<'Large' | 'Small', number>> {
  const neurons = await chain.metagraph(NETUID);
  const stakeOf = (name: Caller): bigint => neurons.find((one) => one.hotkey === keys[name].address)?.stake ?? 0n;
  const [Large = 0, Small = 0] = stakeShares(volume, [stakeOf('Large'), stakeOf('Small')], 'linear');
  return { Large, Small };
}

/** What was signed. */
const unsigned = (statement: object): object =>
  Object.fromEntries(Object.entries(statement).filter(([key]) => key !== 'signature'));

const period = (): number => Math.floor(Date.now() / DAY_MS);

describe('a miner that serves inference', () => {
  it('answers validators with permit and stake, each for its share, and says when to come again', async () => {
    await start();
    const shares = await owed(10);
    expect(shares.Small).toBeGreaterThan(0);
    expect(shares.Large).toBeGreaterThan(shares.Small);
    expect(await statuses('Small', shares.Small + 1)).toEqual([...Array<number>(shares.Small).fill(200), 429]);
    const refused = await chat('Small');
    expect(await refused.json()).toMatchObject({ error: { code: 'beyond_allowance' } });
    const waitMs = Number(refused.headers.get('retry-after')) * 1000;
    expect(Math.abs(Date.now() + waitMs - (period() + 1) * DAY_MS)).toBeLessThan(10_000);
    // What one validator has had is nobody else's loss.
    expect((await chat('Large')).status).toBe(200);
    for (const [name, reason] of [
      ['Poor', 'less than 5 TAO'],
      ['Bare', 'no validator permit'],
    ] as const) {
      const response = await chat(name);
      expect([response.status, await response.text()]).toEqual([403, expect.stringContaining(reason) as string]);
    }
    const counted = await running?.registry.metrics();
    expect(counted).toContain(`seine_inference_requests_total{task="talk",outcome="ok"} ${shares.Small + 1}`);
    expect(counted).toContain('{task="talk",outcome="beyond_allowance"} 2');
  });

  it('gives nothing anew after a restart', async () => {
    await start();
    const { Small } = await owed(10);
    await statuses('Small', Small);
    await start();
    expect((await chat('Small')).status).toBe(429);
    expect((await chat('Large')).status).toBe(200);
    const asked = { ask: 'volumes', period: period(), task: 'talk' };
    const text = await (await ask('Large', '/v1/volumes', asked)).text();
    const statement = JSON.parse(text) as { signature: string };
    expect(await isSignedBy(statement, miner.address)).toBe(true);
    const { callers } = volumeStatement.parse(unsigned(statement));
    expect(callers.find(({ caller }) => caller === keys.Small.address)).toMatchObject({ taken: Small, beyond: 1 });
    expect(callers.find(({ caller }) => caller === keys.Large.address)).toMatchObject({ taken: 1, beyond: 0 });
  });

  it('shows its operator who is owed and had what', async () => {
    await start();
    await statuses('Small', 1);
    const stdout = textSink();
    const exitCode = await runCli(['task', 'serving', '--json'], {
      env: {
        ...settingsEnvironment(),
        ...{ SEINE_DEV: 'true', SEINE_WALLET_DEV_SEED: '//Miner', SUBTENSOR_ENDPOINT: server.endpoint },
        REDIS_STATE_URL: `redis://127.0.0.1:${redis.ports[0]}`,
      },
      ...{ cwd: dir, clone: cloneRoot, stdout, stderr: textSink() },
      terminal: { ask: () => Promise.resolve(null), piped: () => Promise.resolve(null) },
      interrupt: () => new AbortController().signal,
    });
    expect(exitCode).toBe(0);
    const { tasks } = JSON.parse(stdout.text) as { tasks: { task: string; callers: { caller: string }[] }[] };
    const shares = await owed(10);
    expect(tasks[0]?.callers).toContainEqual({
      ...{ caller: keys.Small.address, owed: shares.Small, taken: 1, beyond: 0 },
    });
    expect(tasks[0]?.callers).toContainEqual({
      ...{ caller: keys.Large.address, owed: shares.Large, taken: 0, beyond: 0 },
    });
  });

  it('never takes more than is owed when many ask at once', async () => {
    writeServe({ task: 'talk', volume: 50, concurrency: 8, queue_places: 100 });
    await start();
    const { Small } = await owed(50);
    const all = await Promise.all(Array.from({ length: Small + 15 }, async () => (await chat('Small')).status));
    expect(all.filter((status) => status === 200)).toHaveLength(Small);
    expect(all.filter((status) => status === 429)).toHaveLength(15);
  });

  it('states its capacity, and another once its files change, without a restart', async () => {
    await start();
    const stated = async () => {
      const text = await (await ask('Large', '/v1/capacity', { ask: 'capacity' })).text();
      const statement = JSON.parse(text) as { signature: string };
      expect(await isSignedBy(statement, miner.address)).toBe(true);
      return capacityStatement.parse(unsigned(statement)).tasks.map(({ task, volume }) => `${task} ${volume}`);
    };
    expect(await stated()).toEqual(['talk 10']);
    writeTasks(
      { name: 'talk', kind: 'chat', model: 'm', unit: 'requests' },
      { name: 'write', kind: 'completion', model: 'm', unit: 'requests' },
    );
    writeServe({ task: 'talk', volume: 30 }, { task: 'write', volume: 5, concurrency: 2 });
    await expect.poll(stated, { timeout: 90_000, interval: 200 }).toEqual(['talk 30', 'write 5']);
    const text = { model: 'm', prompt: 'once', max_tokens: 4 };
    expect((await ask('Large', '/v1/completions', text)).status).toBe(200);

    writeServe({ task: 'talk', volume: -1 });
    const health = async () => (await fetch(`http://127.0.0.1:${running?.port}/health`)).text();
    await expect.poll(health, { timeout: 90_000, interval: 200 }).toContain('serve[0].volume');
    expect(await health()).not.toContain(dir);
    expect(await stated()).toEqual(['talk 30', 'write 5']);
    expect(logged.join()).toContain('serve[0].volume');
  });

  it('serves objects and inference by HTTP and TLS on one port, and takes a renewed certificate', async () => {
    const [cert, key] = [join(dir, 'cert.pem'), join(dir, 'key.pem')];
    writeFileSync(cert, TEST_CERTIFICATE);
    writeFileSync(key, TEST_KEY);
    environment = { SEINE_MINER_TLS_CERT_FILE: cert, SEINE_MINER_TLS_KEY_FILE: key };
    await start();
    const object = { digest: sha256Hex(OBJECT) };
    expect(await (await ask('Large', '/v1/objects', object)).text()).toBe('rows');
    expect((await chat('Large')).status).toBe(200);
    expect(await byTls('/v1/objects', object, TEST_CERTIFICATE)).toEqual([200, 'rows']);
    expect((await byTls(CHAT, hello, TEST_CERTIFICATE))[0]).toBe(200);
    writeFileSync(cert, RENEWED_CERTIFICATE);
    writeFileSync(key, RENEWED_KEY);
    const renewed = () => byTls(CHAT, hello, RENEWED_CERTIFICATE).then(([status]) => status, String);
    await expect.poll(renewed, { timeout: 90_000, interval: 500 }).toBe(200);
  });

  it('needs a certificate and its key, or neither', async () => {
    environment = { SEINE_MINER_TLS_CERT_FILE: join(dir, 'cert.pem') };
    await expect(start()).rejects.toThrow('miner.tls_key_file');
  });

  it('counts what an engine that is down fails as failed, not as refused', async () => {
    engine.setMode('failing');
    await start();
    expect((await chat('Large')).status).toBe(503);
  });
});

async function byTls(path: string, value: object, ca: string): Promise<[number | undefined, string]> {
  const body = Buffer.from(JSON.stringify(value));
  const headers = await signed('Large', body);
  return await new Promise((resolve, reject) => {
    const to = { host: '127.0.0.1', port: running?.port, path, method: 'POST', ca, agent: false, headers } as const;
    const sent = tlsRequest(to, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        resolve([response.statusCode, Buffer.concat(chunks).toString()]);
      });
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
