import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingHttpHeaders, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { cryptoWaitReady } from '@polkadot/util-crypto';
import fc from 'fast-check';
import type { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createOpenAiBackend } from '../../src/inference/backends/openai-backend.ts';
import type { Backend } from '../../src/inference/backends/backend.ts';
import { createSynapseClient } from '../../src/inference/client/synapse-client.ts';
import type { SynapseClientOptions } from '../../src/inference/client/synapse-client.ts';
import { createAdmission } from '../../src/inference/server/admission.ts';
import { createAllowances } from '../../src/inference/server/allowances.ts';
import { startInferenceServer } from '../../src/inference/server/inference-server.ts';
import type { InferenceServer } from '../../src/inference/server/inference-server.ts';
import { createServerMetrics } from '../../src/inference/server/server-metrics.ts';
import type { Task } from '../../src/inference/tasks/task.ts';
import type { TaskRequest } from '../../src/inference/wire/request.ts';
import { RequestRefused, signRequest } from '../../src/net/epistula.ts';
import { pythonStr } from '../../src/net/python-str.ts';
import { parsePython } from '../../src/net/python-value.ts';
import type { PythonValue } from '../../src/net/python-value.ts';
import { createSeenIds } from '../../src/net/seen-ids.ts';
import { createStoredNonces } from '../../src/net/stored-nonces.ts';
import { synapseBodyHash } from '../../src/net/synapse-hash.ts';
import { createNonceSource } from '../../src/net/synapse-nonces.ts';
import { signSynapse, verifySynapse } from '../../src/net/synapse.ts';
import { connectRedis } from '../../src/redis/connect.ts';
import { startModelStandIn } from '../../stack/model-stand-in/server.ts';
import type { ModelStandIn } from '../../stack/model-stand-in/server.ts';
import { servedTask } from '../inference/server/served.ts';
import { signerOf } from '../net/peers.ts';
import { useStack } from '../support/stack.ts';
import { startSynapsePeer } from '../support/synapse-peer.ts';
import type { SynapsePeer } from '../support/synapse-peer.ts';

const MODEL = 'google/gemma-7b-it';
const hello = { model: MODEL, messages: [{ role: 'user' as const, content: 'hello' }], max_tokens: 8 };
const VALUES = { name: 'Values', hashFields: ['value'], requiredFields: [] };
const CHAT = '/v1/chat/completions';

/** A request as it went over the wire. */
interface Sent {
  path: string;
  headers: Record<string, string>;
  body: string;
}

let redis: Redis;
let peer: SynapsePeer;
let standIn: ModelStandIn;
let backend: Backend;
let server: InferenceServer | undefined;

const miner = () => signerOf('//miner');
const task = (over: Partial<Task> = {}): Task => ({ ...servedTask('Gemma7b').task, ...over });

/** Our miner, with what it remembers in Redis; starting it again is a restart. */
async function startMiner({ now = Date.now, owed = 1_000_000 } = {}): Promise<InferenceServer> {
  await server?.close();
  const signer = miner();
  const admission = createAdmission(createAllowances(() => owed, now));
  server = await startInferenceServer({
    ...{ host: '127.0.0.1', port: 0, hotkey: signer.address, now },
    seen: createSeenIds({ redis, hotkey: signer.address, now }),
    synapse: {
      ...{ signer, uuid: randomUUID() },
      nonces: createStoredNonces({ redis, hotkey: signer.address, now }),
    },
    mayAsk: (caller) =>
      Promise.resolve(
        caller === peer.hotkey ? { allowed: true } : { allowed: false, reason: 'no validator permit', status: 403 },
      ),
    serving: () => [servedTask('Gemma7b')],
    backend: {
      answer: ({ timeout_ms }, request, signal) => backend.answer(request, { timeoutMs: timeout_ms, signal }),
      stream: () => (async function* () {})(),
    },
    ...{ admission, metrics: createServerMetrics(() => admission.counts()) },
    capacityText: () => Promise.resolve('{"kind":"capacity"}'),
    log: () => undefined,
  });
  return server;
}

const asked = (over: Record<string, string> = {}) => ({
  ...{ task: 'Gemma7b', api: 'chat', body: JSON.stringify(hello), ...over },
});
const ask = (fields = asked(), type = 'SeineTask') => {
  return peer.ask({ port: server!.port, hotkey: miner().address }, type, fields);
};

/** What the SDK's Dendrite sends: recorded by a server that refuses. */
async function recorded(
  hotkey = miner().address,
  type = 'SeineTask',
  fields: object | string = asked(),
): Promise<Sent> {
  const sent: Sent[] = [];
  const recorder = await listening((request, body) => {
    sent.push({ path: request.path, headers: bittensorHeaders(request.headers), body: body.toString() });
    return Promise.resolve({ status: 503, headers: {}, body: Buffer.from('{"message":"recorded"}') });
  });
  await peer.ask({ port: portOf(recorder), hotkey }, type, fields);
  recorder.close();
  return sent[0]!;
}

function bittensorHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const own = /^(bt_header_|computed_body_hash|timeout|name|total_size|header_size)/;
  return Object.fromEntries(Object.entries(headers).filter(([name]) => own.test(name))) as Record<string, string>;
}

async function epistula(receiver = miner().address, now = Date.now): Promise<Sent> {
  const body = JSON.stringify(hello);
  const signed = { body: Buffer.from(body), signer: signerOf('//validator'), receiver, now, uuid: randomUUID };
  return { path: CHAT, headers: await signRequest(signed), body };
}

async function statusOf({ path, headers, body }: Sent): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${server!.port}${path}`, { method: 'POST', headers, body });
  await response.arrayBuffer();
  return response.status;
}

const withoutHeader = <Message extends { headers: Record<string, string> }>(
  sent: Message,
  header: string,
): Message => ({
  ...sent,
  headers: Object.fromEntries(Object.entries(sent.headers).filter(([name]) => name !== header)),
});
const withHeader = (sent: Sent, header: string, value: string): Sent => ({
  ...sent,
  headers: { ...sent.headers, [header]: value },
});

interface Passed {
  status: number;
  headers: Record<string, string>;
  body: Buffer;
}

function listening(
  answer: (request: { path: string; headers: IncomingHttpHeaders }, body: Buffer) => Promise<Passed>,
): Promise<Server> {
  const http = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks);
      answer({ path: request.url ?? '', headers: request.headers }, body).then(
        (passed) => response.writeHead(passed.status, passed.headers).end(passed.body),
        () => response.destroy(),
      );
    });
  });
  return new Promise((resolve) => http.listen(0, '127.0.0.1', () => resolve(http)));
}

const portOf = (http: Server): number => (http.address() as AddressInfo).port;

beforeAll(async () => {
  await cryptoWaitReady();
  redis = await connectRedis(useStack().redisState);
  standIn = await startModelStandIn();
  backend = createOpenAiBackend({ baseUrl: standIn.url, network: { userAgent: 'seine-test' } });
  peer = await startSynapsePeer('//validator');
});
afterAll(async () => {
  redis.disconnect();
  await peer.close();
  await backend.close();
  await standIn.close();
});
afterEach(async () => {
  await server?.close();
  server = undefined;
});

describe("the SDK's Dendrite and our miner", () => {
  it('gets a signed answer of the model', async () => {
    await startMiner();
    const { fields, ...rest } = await ask();
    expect(rest).toEqual({ status: 200, message: 'Success', signed: true });
    const answer = JSON.parse(String(fields['answer'])) as { model: string; choices: { message: object }[] };
    expect(answer.model).toBe(MODEL);
    expect(answer.choices[0]?.message).toHaveProperty('content');
    expect(fields).toMatchObject(asked());
  });

  it('gets the statement of capacity', async () => {
    await startMiner();
    const statement = '{"kind":"capacity"}';
    expect(await ask({} as never, 'SeineCapacity')).toMatchObject({ status: 200, signed: true, fields: { statement } });
  });

  it('reads the statuses of refusals', async () => {
    await startMiner();
    expect(await ask(asked({ task: 'Other' }))).toMatchObject({ status: 404, signed: true });
    expect(await ask(asked({ body: '{' }))).toMatchObject({ status: 400, signed: true });
    standIn.setMode('failing');
    expect(await ask()).toMatchObject({ status: 500, signed: true });
    standIn.setMode('honest');
    await startMiner({ owed: 1 });
    expect((await ask()).status).toBe(200);
    const refused = await ask();
    expect(refused).toMatchObject({ status: 429, signed: true });
    expect(refused.message).toContain('units of Gemma7b');
    expect(await peer.ask({ port: server!.port, hotkey: peer.hotkey }, 'SeineTask', asked())).toMatchObject({
      status: 401,
      signed: false,
    });
  });
});

describe.each<[string, (receiver?: string) => Promise<Sent>, { uuid: string; signature: string; caller: string }]>([
  [
    'Synapse',
    (receiver) => recorded(receiver),
    {
      uuid: 'bt_header_dendrite_uuid',
      signature: 'bt_header_dendrite_signature',
      caller: 'bt_header_dendrite_hotkey',
    },
  ],
  [
    'Epistula',
    (receiver) => epistula(receiver),
    { uuid: 'epistula-uuid', signature: 'epistula-request-signature', caller: 'epistula-signed-by' },
  ],
])('what our miner refuses over %s', (_protocol, make, names) => {
  it('is a replay, after a restart too', async () => {
    await startMiner();
    const sent = await make();
    expect(await statusOf(sent)).toBe(200);
    expect(await statusOf(sent)).toBe(401);
    await startMiner();
    expect(await statusOf(sent)).toBe(401);
    expect(await statusOf(await make())).toBe(200);
  });

  it('is replayed once only of many at the same time', async () => {
    await startMiner();
    const sent = await make();
    const statuses = await Promise.all(Array.from({ length: 8 }, () => statusOf(sent)));
    expect(statuses.sort()).toEqual([200, 401, 401, 401, 401, 401, 401, 401]);
  });

  it('is unsigned, of a stranger, altered or for another; the request itself is still good, after a restart too', async () => {
    const sent = await make();
    const other = await make(peer.hotkey);
    // The machine may be slow, and the request must not grow old meanwhile.
    const madeMs = Date.now();
    for (let start = 0; start < 2; start += 1) {
      await startMiner({ now: () => madeMs });
      expect(await statusOf(withoutHeader(sent, names.signature))).toBeGreaterThanOrEqual(400);
      expect(await statusOf(withHeader(sent, names.signature, `0x${'11'.repeat(64)}`))).toBe(401);
      expect(await statusOf(withHeader(sent, names.uuid, randomUUID()))).toBe(401);
      expect(await statusOf(withHeader(sent, names.caller, miner().address))).toBe(403);
      expect(await statusOf({ ...sent, body: sent.body.replace('hello', 'hallo') })).toBeGreaterThanOrEqual(400);
      expect(await statusOf(other)).toBe(401);
    }
    expect(await statusOf(sent)).toBe(200);
  });

  it('is stale or of the future, by the clock of the miner', async () => {
    const beforeMs = Date.now();
    const sent = await make();
    const madeMs = Date.now();
    await startMiner({ now: () => madeMs + 17_000 });
    expect(await statusOf(sent)).toBe(401);
    await startMiner({ now: () => beforeMs - 7000 });
    expect(await statusOf(sent)).toBe(401);
    await startMiner({ now: () => madeMs });
    expect(await statusOf(sent)).toBe(200);
  });
});

describe("our client and the SDK's Axon", () => {
  const request: TaskRequest = { api: 'chat', body: { ...hello, stream: true } };
  const clientOf = (over: Partial<SynapseClientOptions> = {}) => {
    const signer = signerOf('//client');
    const seen = createSeenIds({ redis, hotkey: signer.address, now: Date.now });
    return createSynapseClient({ signer, ip: '192.0.2.2', seen, isAllowedAddress: () => true, ...over });
  };
  const axonAt = (port = peer.port) => ({ hotkey: peer.hotkey, base: `http://127.0.0.1:${port}` });

  async function outcomeOf(options: Partial<SynapseClientOptions>, port?: number, asked = task()): Promise<string> {
    const client = clientOf(options);
    const told = await client.ask(axonAt(port), asked, request);
    await client.close();
    return told.outcome === 'failed' ? told.reason : told.outcome;
  }

  it('gets an answer that its peer signed, and knows its request for accepted', async () => {
    const client = clientOf();
    const told = await client.ask(axonAt(), task(), request);
    expect(told).toMatchObject({
      ...{ outcome: 'answered' },
      answer: { api: 'chat', body: { model: MODEL, choices: [{ message: { content: 'Gemma7b: hello' } }] } },
    });
    await client.close();
    expect(await outcomeOf({}, undefined, task({ name: 'busy' }))).toBe('limited');
  });

  it('takes answers that the SDK leaves unsigned only where it is told to', async () => {
    const [strict, lenient] = [clientOf(), clientOf({ acceptUnsigned: true })];
    expect(await strict.capacity(axonAt(), 5000)).toBeNull();
    expect(await lenient.capacity(axonAt(), 5000)).toBe('{"kind":"capacity"}');
    await Promise.all([strict.close(), lenient.close()]);
  });

  it("is refused by the Axon's own verification where its request is for another, or old", async () => {
    const wrong = clientOf();
    const told = await wrong.ask({ ...axonAt(), hotkey: miner().address }, task(), request);
    expect(told).toMatchObject({ outcome: 'failed', reason: 'refused_401' });
    await wrong.close();
    expect(await outcomeOf({ now: () => Date.now() - 3_600_000 })).toBe('refused_401');
  });

  it('refuses answers that were altered on the way, replayed, unsigned, stale or of the future', async () => {
    let alter = (passed: Passed): Passed => passed;
    let first: Passed | undefined;
    const between = await listening(async ({ path, headers }, body) => {
      const own = { ...bittensorHeaders(headers), 'content-type': 'application/json' };
      const response = await fetch(`http://127.0.0.1:${peer.port}${path}`, {
        method: 'POST',
        headers: own,
        body: Buffer.from(body),
      });
      const passed = { status: response.status, body: Buffer.from(await response.arrayBuffer()) };
      const whole = { ...passed, headers: bittensorHeaders(Object.fromEntries(response.headers)) };
      first ??= whole;
      return alter(whole);
    });
    const through = (options: Partial<SynapseClientOptions> = {}) => outcomeOf(options, portOf(between));
    const setting = (name: string, value: string) => (passed: Passed) => {
      return { ...passed, headers: { ...passed.headers, [name]: value } };
    };

    expect(await through()).toBe('answered');
    alter = () => first!;
    expect(await through()).toBe('replayed');
    alter = setting('bt_header_axon_signature', `0x${'22'.repeat(64)}`);
    expect(await through({ acceptUnsigned: true })).toBe('bad_signature');
    alter = setting('bt_header_axon_nonce', `${Date.now()}000001`);
    expect(await through()).toBe('bad_signature');
    alter = (passed) => withoutHeader(passed, 'bt_header_axon_signature');
    expect(await through()).toBe('unsigned');
    alter = (passed) => ({ ...passed, body: Buffer.from(String(passed.body).replace('"api":"chat"', '"api":"x"')) });
    expect(await through()).toBe('altered');
    alter = setting('computed_body_hash', '0'.repeat(64));
    expect(await through()).toBe('altered');
    alter = (passed) => ({ ...passed, body: Buffer.alloc(17 * 1024 * 1024 + 65_536, ' ') });
    expect(await through()).toBe('too_large');
    alter = (passed) => passed;
    // The request is signed by a clock that is right; the answer is judged by one that runs ahead, or behind.
    const jumping = (byMs: number) => {
      let calls = 0;
      return () => Date.now() + (calls++ === 0 ? 0 : byMs);
    };
    expect(await through({ now: jumping(task().timeout_ms + 5000) })).toBe('stale');
    expect(await through({ now: jumping(-30_000) })).toBe('in_future');
    between.close();
  });

  it('ends in time, and does not ask where it may not', async () => {
    const silent = await listening(() => new Promise(() => undefined));
    expect(await outcomeOf({}, portOf(silent), task({ timeout_ms: 1000 }))).toBe('timed_out');
    silent.closeAllConnections();
    silent.close();
    const breaking = await listening(() => Promise.reject(new Error('gone')));
    expect(await outcomeOf({}, portOf(breaking))).toBe('broke_off');
    breaking.close();
    expect(await outcomeOf({}, 1)).toBe('unreachable');
    expect(await outcomeOf({ isAllowedAddress: () => false })).toBe('address_refused');
    const client = clientOf();
    await expect(client.ask(axonAt(), task(), request, AbortSignal.abort(new Error('enough')))).rejects.toThrow(
      'enough',
    );
    await client.close();
  });
});

describe('body hashes', () => {
  const values = [
    ...['null', 'true', '0', '-7', '1.0', '0.1', '1e16', '1e-5', '5e-324', '9007199254740993'],
    ...['""', '"it\'s"', '"\\"both\'\\""', '"é😀\\u2028\\u0000\\u00ad\\u200b"', '["é😀\\u2028\\u0000\\u00ad\\u200b"]'],
    ...['[]', '{}', '[1, 2.5, "a", null, [true, {"b": [null]}]]', '{"z": {"2": 1, "1": 2.0}, "a": ["it\'s"]}'],
  ];

  it('are those of the SDK for lists, floats, Unicode, None and what nests, over the wire both ways', async () => {
    const verify = (sent: Sent) =>
      verifySynapse({
        ...{ type: VALUES, headers: sent.headers, body: Buffer.from(sent.body), self: miner().address },
        nowNs: BigInt(Date.now()) * 1_000_000n,
        nonces: createStoredNonces({ redis, hotkey: miner().address, now: Date.now }),
      });
    const nextNonce = createNonceSource(Date.now);
    const uuid = randomUUID();
    for (const text of values) {
      const theirs = await recorded(miner().address, 'Values', `{"value":${text}}`);
      expect(await verify(theirs).then(({ caller }) => caller)).toBe(peer.hotkey);
      const axon = { ip: '127.0.0.1', port: peer.port, hotkey: peer.hotkey };
      const signed = await signSynapse({
        ...{ type: VALUES, fields: new Map([['value', parsePython(text)]]), timeoutMs: 12_000 },
        ...{ signer: signerOf('//client'), ip: '127.0.0.1', axon, nonce: nextNonce(), uuid },
      });
      const { path, body } = signed;
      const headers = { 'content-type': 'application/json', ...signed.headers };
      const taken = await fetch(`http://127.0.0.1:${peer.port}${path}`, { method: 'POST', headers, body });
      expect([text, taken.status]).toEqual([text, 200]);
      await taken.arrayBuffer();
      const altered = { ...theirs, body: theirs.body.replace('"value": ', '"value": [[1], 7], "x": ') };
      await expect(verify(altered)).rejects.toThrow(RequestRefused);
    }
  });

  it('and texts are those of Python for generated values', async () => {
    // Blocks that every version of Unicode in use has the same characters of: others may be quoted differently by an older Python.
    const blocks = [
      ...[
        [0, 0x24f],
        [0x370, 0x373],
        [0x400, 0x4ff],
        [0x5d0, 0x5ea],
        [0x2000, 0x206f],
        [0x3000, 0x303e],
        [0x3041, 0x3096],
      ],
      ...[
        [0x4e00, 0x9fa5],
        [0xac00, 0xd7a3],
        [0xe000, 0xf8ff],
        [0xfff9, 0xffff],
        [0x1f600, 0x1f64f],
        [0xf0000, 0x10ffff],
      ],
    ] as [number, number][];
    const unit = fc.oneof(
      fc.constantFrom("'", '"', '\\', '\n'),
      ...blocks.map(([min, max]) => fc.integer({ min, max }).map((point) => String.fromCodePoint(point))),
    );
    const text = fc.string({ unit });
    const number = fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => JSON.stringify(value)),
      fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n }).map(String),
      fc.tuple(fc.integer(), fc.integer({ min: -320, max: 300 })).map(([digits, power]) => `${digits}e${power}`),
    );
    const { json } = fc.letrec<{ json: string }>((tie) => ({
      json: fc.oneof(
        { maxDepth: 4, withCrossShrink: true },
        fc.constantFrom('null', 'true', 'false'),
        number,
        text.map((item) => JSON.stringify(item)),
        fc.array(tie('json'), { maxLength: 5 }).map((items) => `[${items.join(', ')}]`),
        fc.dictionary(text, tie('json'), { maxKeys: 5 }).map(
          (dict) =>
            `{${Object.entries(dict)
              .map(([key, item]) => `${JSON.stringify(key)}: ${item}`)
              .join()}}`,
        ),
      ),
    }));
    const texts = fc.sample(json, 3000);
    const theirs = await peer.read(texts);
    const ours = texts.map((each) => {
      const value = parsePython(each);
      return {
        text: pythonStr(value),
        hash: synapseBodyHash(new Map<string, PythonValue>([['value', value]]), ['value']),
      };
    });
    const differing = texts.filter(
      (_, at) => theirs[at]?.hash !== ours[at]?.hash || theirs[at]?.text !== ours[at]?.text,
    );
    expect(differing.map((each) => [each, pythonStr(parsePython(each)), theirs[texts.indexOf(each)]?.text])).toEqual(
      [],
    );
  });
});
