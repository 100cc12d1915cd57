import { randomUUID } from 'node:crypto';
import { cryptoWaitReady } from '@polkadot/util-crypto';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createAdmission } from '../../../src/inference/server/admission.ts';
import { createAllowances } from '../../../src/inference/server/allowances.ts';
import type { ServerBackend } from '../../../src/inference/server/backend.ts';
import { startInferenceServer } from '../../../src/inference/server/inference-server.ts';
import type { InferenceServer } from '../../../src/inference/server/inference-server.ts';
import { createServerMetrics } from '../../../src/inference/server/server-metrics.ts';
import type { ServerMetrics } from '../../../src/inference/server/server-metrics.ts';
import { SEINE_CAPACITY, SEINE_TASK } from '../../../src/inference/synapse-types.ts';
import type { PythonValue } from '../../../src/net/python-value.ts';
import { createNonceSource } from '../../../src/net/synapse-nonces.ts';
import { verifySynapseAnswer } from '../../../src/net/synapse-response.ts';
import { signSynapse } from '../../../src/net/synapse.ts';
import type { SynapseType } from '../../../src/net/synapse.ts';
import { memoryNonces, memorySeenIds, signerOf } from '../../net/peers.ts';
import { servedTask } from './served.ts';

const MODEL = 'google/gemma-7b-it';
const hello = { model: MODEL, messages: [{ role: 'user', content: 'hello' }] };
const asked = (over: Record<string, string> = {}): Map<string, PythonValue> =>
  new Map(Object.entries({ task: 'Gemma7b', api: 'chat', body: JSON.stringify(hello), ...over }));

const nextNonce = createNonceSource(Date.now);
const UUID = randomUUID();
let server: InferenceServer | undefined;
let metrics: ServerMetrics;

const said: ServerBackend['answer'] = (task) =>
  Promise.resolve({
    api: 'chat',
    body: {
      ...{ id: '1', model: MODEL },
      choices: [{ index: 0, message: { role: 'assistant', content: `from ${task.name}` }, finish_reason: 'stop' }],
    },
  });

async function start({ owed = 1_000_000, answer = said } = {}): Promise<void> {
  const admission = createAdmission(createAllowances(() => owed, Date.now));
  metrics = createServerMetrics(() => admission.counts());
  const signer = signerOf('//miner');
  server = await startInferenceServer({
    ...{ host: '127.0.0.1', port: 0, hotkey: signer.address, seen: memorySeenIds() },
    mayAsk: (caller) =>
      Promise.resolve(
        caller === signerOf('//validator').address
          ? { allowed: true }
          : { allowed: false, reason: 'no validator permit', status: 403 },
      ),
    serving: () => [servedTask('Gemma7b')],
    backend: { answer, stream: () => (async function* () {})() },
    ...{ admission, metrics },
    capacityText: () => Promise.resolve('{"kind":"capacity"}'),
    synapse: { signer, nonces: memoryNonces(), uuid: randomUUID() },
    log: () => undefined,
  });
}

async function ask(type: SynapseType, fields: Map<string, PythonValue>, uri = '//validator'): Promise<Response> {
  const axon = { ip: '127.0.0.1', port: server!.port, hotkey: signerOf('//miner').address };
  const signed = { type, fields, timeoutMs: 5000, signer: signerOf(uri), ip: '127.0.0.1', axon };
  const { path, headers, body } = await signSynapse({ ...signed, nonce: nextNonce(), uuid: UUID });
  return fetch(`http://127.0.0.1:${axon.port}${path}`, { method: 'POST', headers, body });
}

const statusOf = (response: Response): unknown[] => [
  response.status,
  response.headers.get('bt_header_axon_status_code'),
];
const isSigned = ({ headers }: Response): boolean => {
  const nowNs = BigInt(Date.now()) * 1_000_000n;
  const [dendrite, axon] = [signerOf('//validator').address, signerOf('//miner').address];
  try {
    verifySynapseAnswer({ headers: Object.fromEntries(headers), dendrite, axon, nowNs, timeoutMs: 5000 });
    return true;
  } catch {
    return false;
  }
};

beforeAll(() => cryptoWaitReady());
afterEach(async () => {
  await server?.close();
  server = undefined;
});

describe('synapses to an inference server', () => {
  it('are answered, signed, with what was asked beside the answer', async () => {
    await start();
    const response = await ask(SEINE_TASK, asked());
    expect([...statusOf(response), isSigned(response)]).toEqual([200, '200', true]);
    const filled = (await response.json()) as { answer: string; api: string };
    expect(filled.api).toBe('chat');
    expect(JSON.parse(filled.answer)).toMatchObject({ choices: [{ message: { content: 'from Gemma7b' } }] });
    expect(await (await ask(SEINE_TASK, asked({ task: '' }))).json()).toHaveProperty('answer');
    const capacity = await ask(SEINE_CAPACITY, new Map());
    expect(await capacity.json()).toMatchObject({ statement: '{"kind":"capacity"}' });

    expect(await metrics.read()).toContain('seine_inference_requests_total{task="Gemma7b",outcome="ok"} 2');
  });

  it('are refused with the statuses that the SDK has', async () => {
    await start();
    const stranger = await ask(SEINE_TASK, asked(), '//stranger');
    expect([...statusOf(stranger), isSigned(stranger)]).toEqual([403, null, false]);
    expect(await stranger.json()).toEqual({ message: 'no validator permit' });
    for (const [over, status] of [
      [{ api: 'audio' }, 400],
      [{ body: '{' }, 400],
      [{ body: JSON.stringify({ ...hello, stream: true }) }, 400],
      [{ task: 'other' }, 404],
    ] as const) {
      const response = await ask(SEINE_TASK, asked(over));
      expect([...statusOf(response), isSigned(response)]).toEqual([status, String(status), true]);
    }
    expect((await ask(SEINE_TASK, asked({ body: 'a'.repeat(1_000_000) }))).status).toBe(400);
    expect((await ask({ ...SEINE_TASK, name: 'Other' }, asked())).status).toBe(404);
    expect((await fetch(`http://127.0.0.1:${server!.port}/SeineTask`)).status).toBe(400);
    const number = await ask({ ...SEINE_TASK, requiredFields: [] }, new Map([...asked(), ['task', 7n]]));
    expect(number.status).toBe(400);
  });

  it('take of the same allowance as other requests', async () => {
    await start({ owed: 1 });
    expect((await ask(SEINE_TASK, asked())).status).toBe(200);
    const response = await ask(SEINE_TASK, asked());
    expect([...statusOf(response), isSigned(response)]).toEqual([429, '429', true]);
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
  });

  it('are told no more than that the server has trouble', async () => {
    await start({ answer: () => Promise.reject(new Error('secret path')) });
    const response = await ask(SEINE_TASK, asked());
    expect(statusOf(response)).toEqual([500, '500']);
    expect(await response.text()).not.toContain('secret');
  });
});
