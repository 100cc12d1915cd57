import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Client } from '@temporalio/client';
import type { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createHealthActivities } from '../../activities/health.ts';
import type { Chain } from '../../src/commit/chain-port.ts';
import { openDevelopmentKey } from '../../src/commit/keys/wallet.ts';
import { createOutbox } from '../../src/commit/outbox.ts';
import { connectChain } from '../../src/commit/subtensor/client.ts';
import type { Signer } from '../../src/core/chain.ts';
import { reaches } from '../../src/net/reaches.ts';
import { createWebhook } from '../../src/net/webhook.ts';
import { connectRedis } from '../../src/redis/connect.ts';
import { scheduleHealth } from '../../temporal/schedules.ts';
import type { HealthReport } from '../../workflows/check-health.ts';
import { useStack } from '../support/stack.ts';
import { startTestWorkers } from '../support/test-workers.ts';
import type { TestWorkers } from '../support/test-workers.ts';

/* The scheduled check of a miner against real Temporal, Redis and chain, with a webhook on loopback. */

const NETUID = 1;
let client: Client;
let chain: Chain;
let index: Redis;
let state: Redis;
let hotkey: Signer;
let coldkey: Signer;
let workers: TestWorkers;
let receiver: Server;
let status = 200;
let diskFreeBytes = 50e9;
const posted: { text: string }[] = [];
const lines: string[] = [];
const axons: Server[] = [];

beforeAll(async () => {
  const { chain: endpoint, redisIndex, redisState } = useStack();
  [chain, index, state, hotkey, coldkey] = await Promise.all([
    connectChain({ endpoints: [endpoint] }),
    connectRedis(redisIndex),
    connectRedis(redisState),
    openDevelopmentKey({ uri: `//Health//${Date.now()}`, development: true }),
    openDevelopmentKey({ uri: '//Alice', development: true }),
  ]);
  receiver = await listen((body) => posted.push(JSON.parse(body) as { text: string }));
  const health = createHealthActivities({
    ...{ role: 'miner', hotkey: hotkey.address, netuid: NETUID, chain, index, state, reaches, diskFreeGb: 10 },
    outbox: createOutbox({ redis: state, hotkey: hotkey.address }),
    diskFree: () => Promise.resolve(diskFreeBytes),
    webhook: createWebhook(`http://127.0.0.1:${portOf(receiver)}/TOKEN`, 'seine/test'),
    log: (line) => lines.push(line),
  });
  workers = await startTestWorkers({ hotkey: hotkey.address, activities: { chain: health } });
  client = workers.client;
}, 120_000);

afterEach(() => {
  for (const axon of axons.splice(0)) axon.close();
});

afterAll(async () => {
  await client.schedule.getHandle(scheduleId()).delete();
  await Promise.all([workers.close(), chain.close()]);
  index.disconnect();
  state.disconnect();
  receiver.close();
}, 60_000);

function listen(take: (body: string) => unknown): Promise<Server> {
  const server = createServer((incoming, answer) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      if (status === 200) take(Buffer.concat(chunks).toString());
      answer.writeHead(status).end();
    });
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

const portOf = (server: Server): number => (server.address() as AddressInfo).port;
const scheduleId = (): string => `health-miner-${NETUID}-${hotkey.address.slice(0, 8)}`;

/** The result of the schedule's next run, or that it failed. */
async function check(start: () => Promise<unknown>): Promise<HealthReport | 'failed'> {
  const handle = client.schedule.getHandle(scheduleId());
  const before = await handle.describe().then(
    (known) => known.info.recentActions.length,
    () => 0,
  );
  await start();
  for (;;) {
    const { recentActions } = (await handle.describe()).info;
    const action = recentActions.length > before ? recentActions.at(-1)?.action : undefined;
    if (action !== undefined) {
      const { workflowId, firstExecutionRunId } = action.workflow;
      const run = client.workflow.getHandle(workflowId, firstExecutionRunId);
      return await run.result().then(
        (report) => report as HealthReport,
        () => 'failed',
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

const again = (): Promise<HealthReport | 'failed'> => check(() => client.schedule.getHandle(scheduleId()).trigger());
const schedule = { role: 'miner', everyMinutes: 60, netuid: NETUID } as const;

describe('the check of a miner', () => {
  it('tells at once that it is not registered, and does not tell it again', async () => {
    const first = await check(() => scheduleHealth(client, { ...schedule, hotkey: hotkey.address }));
    expect(first).toMatchObject({ findings: [{ name: 'registration' }], told: true });
    expect(await again()).toMatchObject({ findings: [{ name: 'registration' }], told: false });
    expect(posted.map(({ text }) => text)).toEqual([expect.stringContaining('is not registered on subnet 1')]);
    expect(posted[0]).toMatchObject({ role: 'miner', hotkey: hotkey.address, appeared: [{ name: 'registration' }] });
    expect(lines).toEqual([expect.stringContaining('health: trouble:')]);
  });

  it('tells that it is over, and what is wrong next', async () => {
    const axon = await listen(() => undefined);
    axons.push(axon);
    await chain.register({ netuid: NETUID, hotkey: hotkey.address, signer: coldkey });
    await chain.serveAxon({ netuid: NETUID, ip: '127.0.0.1', port: portOf(axon), signer: hotkey });
    expect(await again()).toEqual({ findings: [], told: true });
    expect(posted.at(-1)?.text).toContain('over: registration');
    axon.close();
    expect(await again()).toMatchObject({ findings: [{ name: 'axon' }], told: true });
    expect(posted.at(-1)?.text).toContain('nothing answers at 127.0.0.1:');
  });

  it('tells it once the webhook takes messages again', async () => {
    const told = posted.length;
    diskFreeBytes = 1e9;
    status = 500;
    expect(await again()).toBe('failed');
    expect(posted).toHaveLength(told);
    status = 200;
    expect(await again()).toMatchObject({ told: true });
    expect(posted.slice(told).map(({ text }) => text)).toEqual([expect.stringContaining('1.0 GB are free')]);
  });

  it('keeps the URL of the webhook out of histories and logs', async () => {
    const runs: string[] = [];
    for await (const { workflowId, runId } of client.workflow.list({ query: `WorkflowType = 'checkHealth'` })) {
      const history = await client.workflow.getHandle(workflowId, runId).fetchHistory();
      runs.push(JSON.stringify(history, (_, value: unknown) => plain(value)));
    }
    expect(runs.join()).toContain('WebhookFailed');
    expect(runs.join() + lines.join()).not.toContain('TOKEN');
  });

  it('takes over another interval', async () => {
    await scheduleHealth(client, { ...schedule, everyMinutes: 30, hotkey: hotkey.address });
    const { spec } = await client.schedule.getHandle(scheduleId()).describe();
    expect(spec.intervals?.map(({ every }) => every)).toEqual([30 * 60_000]);
  });
});

/** Payloads as text: a secret in them would otherwise hide behind bytes. */
function plain(value: unknown): unknown {
  return value instanceof Uint8Array ? Buffer.from(value).toString('utf8') : value;
}
