import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { cryptoWaitReady } from '@polkadot/util-crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startModelStandIn } from '../../../stack/model-stand-in/server.ts';
import type { ModelStandIn } from '../../../stack/model-stand-in/server.ts';
import { askCapacity } from '../../../src/inference/client/ask-capacity.ts';
import { createHttpTaskClient } from '../../../src/inference/client/http-task-client.ts';
import { createMinerHttp } from '../../../src/inference/client/miner-http.ts';
import type { MinerHttp } from '../../../src/inference/client/miner-http.ts';
import type { AskedMiner, AskOutcome } from '../../../src/inference/client/task-client.ts';
import { textOf } from '../../../src/inference/volume.ts';
import type { TaskRequest } from '../../../src/inference/wire/request.ts';
import { verifyRequest } from '../../../src/net/epistula.ts';
import { memorySeenIds, signerOf } from '../../net/peers.ts';
import { TEST_CERTIFICATE, TEST_KEY } from '../../net/test-certificate.ts';
import { servedTask } from '../server/served.ts';

const { task } = servedTask('Gemma7b');
const hotkey = signerOf('//miner').address;
const messages = [{ role: 'user' as const, content: 'what is a seine?' }];
const chat = (more: object = {}): TaskRequest => ({
  api: 'chat',
  body: { model: task.model ?? '', messages, max_tokens: 20, temperature: 0, seed: 1, ...more },
});

let http: MinerHttp;
let standIn: ModelStandIn;
const servers: Server[] = [];
const at = (port: number, scheme = 'http'): AskedMiner => ({ hotkey, base: `${scheme}://127.0.0.1:${port}` });
const ask = (miner: AskedMiner, request = chat(), over: Partial<typeof task> = {}): Promise<AskOutcome> =>
  createHttpTaskClient(http).ask(miner, { ...task, ...over }, request);

/** A miner that answers as the handler does. */
async function miner(
  handler: (request: IncomingMessage, response: ServerResponse) => void,
  tls = false,
): Promise<number> {
  const server = tls ? createTlsServer({ key: TEST_KEY, cert: TEST_CERTIFICATE }, handler) : createServer(handler);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

beforeAll(async () => {
  await cryptoWaitReady();
  http = createMinerHttp({ signer: signerOf('//validator'), isAllowedAddress: (address) => address === '127.0.0.1' });
  standIn = await startModelStandIn();
});
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});
afterAll(() => Promise.all([http.close(), standIn.close()]));

describe('the client of tasks', () => {
  it('gives the same answer streamed and whole', async () => {
    const base = at(Number(new URL(standIn.url).port));
    const texts = [];
    for (const stream of [false, true]) {
      const came = await ask(base, chat({ stream }));
      if (came.outcome !== 'answered') throw new Error(came.outcome);
      expect(came.first_ms).toBeLessThanOrEqual(came.elapsed_ms);
      texts.push(textOf(came.answer));
    }
    expect(texts[0]).not.toBe('');
    expect(texts[0]).toBe(texts[1]);
  });

  it('signs for the miner, and sends the same headers and members in the same order whatever is asked how', async () => {
    const seen: string[][] = [];
    const bodies: Buffer[] = [];
    const requests: IncomingMessage[] = [];
    const port = await miner((request, response) => {
      seen.push(request.rawHeaders.filter((_, index) => index % 2 === 0));
      const pieces: Buffer[] = [];
      request.on('data', (piece: Buffer) => pieces.push(piece));
      request.on('end', () => {
        bodies.push(Buffer.concat(pieces));
        requests.push(request);
        response.writeHead(500).end();
      });
    });
    await ask(at(port), chat());
    const { model, ...rest } = (chat() as { body: { model: string } }).body;
    await ask(at(port), { api: 'chat', body: { ...rest, stream: true, model } } as TaskRequest);
    expect(seen[0]).toEqual(seen[1]);
    expect(seen[0]).toContain('x-seine-task');
    expect(Object.keys(JSON.parse(String(bodies[0])) as object)[0]).toBe('model');
    expect(Object.keys(JSON.parse(String(bodies[1])) as object)[0]).toBe('model');
    for (const [index, { headers }] of requests.entries()) {
      const body = bodies[index]!;
      const verified = verifyRequest({ headers, body, self: hotkey, nowMs: Date.now(), seen: memorySeenIds() });
      await expect(verified).resolves.toEqual({ caller: signerOf('//validator').address });
    }
  });

  it('says by one word what a miner does instead of answering', async () => {
    const answers: [string, (response: ServerResponse) => void][] = [
      ['refused_503', (response) => response.writeHead(503).end('busy')],
      ['malformed', (response) => response.end('{"choices":[]}')],
      ['malformed', (response) => response.end('not json')],
      ['too_large', (response) => response.writeHead(200, { 'content-length': 1e9 }).write('x')],
      ['too_large', (response) => response.end(Buffer.alloc(1_000_000, 'x'))],
      [
        'broke_off',
        (response) => response.writeHead(200, { 'content-length': 10 }).write('x', () => response.destroy()),
      ],
      ['timed_out', (response) => response.writeHead(200).write('{')],
    ];
    for (const [reason, answer] of answers) {
      const port = await miner((_, response) => answer(response));
      const over = { timeout_ms: reason === 'timed_out' ? 100 : 10_000 };
      await expect(ask(at(port), chat(), over)).resolves.toMatchObject({ outcome: 'failed', reason });
    }
    const closed = await miner(() => undefined);
    servers.splice(0).forEach((server) => server.close());
    await expect(ask(at(closed))).resolves.toMatchObject({ reason: 'unreachable' });
    const elsewhere = { hotkey, base: 'http://10.0.0.1:1' };
    await expect(ask(elsewhere)).resolves.toMatchObject({ reason: 'address_refused' });
    await expect(ask({ hotkey, base: 'http://localhost:1' })).resolves.toMatchObject({ reason: 'address_refused' });
  });

  it('gives a miner its whole time, however long the request waited here for one of its connections', async () => {
    // Connections to one miner: 64. Two rounds of them take longer than the time of one request.
    const port = await miner((request, response) => {
      request.resume().on('end', () => setTimeout(() => response.writeHead(429).end(), 2000));
    });
    const base = at(port);
    const came = await Promise.all(Array.from({ length: 66 }, () => ask(base, chat(), { timeout_ms: 3500 })));
    expect(new Set(came.map((one) => (one.outcome === 'failed' ? one.reason : one.outcome)))).toEqual(
      new Set(['limited']),
    );
  });

  it('does not blame a miner for a signer that fails', async () => {
    const signer = { ...signerOf('//validator'), sign: () => Promise.reject(new Error('the signer is away')) };
    const own = createMinerHttp({ signer, isAllowedAddress: () => true });
    const port = await miner((_, response) => response.writeHead(429).end());
    await expect(createHttpTaskClient(own).ask(at(port), task, chat())).rejects.toThrow('the signer is away');
    await own.close();
  });

  it('is limited by 429, until the time that the miner names', async () => {
    const port = await miner((_, response) => response.writeHead(429, { 'retry-after': '7' }).end());
    await expect(ask(at(port))).resolves.toMatchObject({ outcome: 'limited', retry_after_ms: 7000 });
    const silent = await miner((_, response) => response.writeHead(429, { 'retry-after': 'tomorrow' }).end());
    await expect(ask(at(silent))).resolves.toMatchObject({ outcome: 'limited', retry_after_ms: null });
  });

  it('speaks TLS with a miner whose certificate nobody signed', async () => {
    const port = await miner((_, response) => response.writeHead(429).end(), true);
    await expect(ask(at(port, 'https'))).resolves.toMatchObject({ outcome: 'limited' });
  });

  it('keeps connections for the next requests', async () => {
    const ports = new Set<number | undefined>();
    const port = await miner((request, response) => {
      ports.add(request.socket.remotePort);
      request.resume().on('end', () => response.writeHead(429).end('busy'));
    });
    for (let round = 0; round < 9; round += 1) await ask(at(port));
    // The next request may find the connection before it is free again.
    expect(ports.size).toBeLessThan(3);
  });

  it("ends with the caller's reason when the caller gives up", async () => {
    const caller = new AbortController();
    const port = await miner(() => caller.abort(new Error('no more')));
    await expect(createHttpTaskClient(http).ask(at(port), task, chat(), caller.signal)).rejects.toThrow('no more');
  });

  it('takes a statement of capacity that is of this miner and of now', async () => {
    const stated = { kind: 'capacity', version: 1, netuid: 1, hotkey, stated_at_ms: 1_000_000, tasks: [] };
    const signature = 'a'.repeat(128);
    const port = await miner((_, response) => response.end(JSON.stringify({ ...stated, signature })));
    const say = (netuid: number, nowMs: number) => askCapacity(http, at(port), { netuid, nowMs: () => nowMs });
    await expect(say(1, 1_030_000)).resolves.toEqual({ ...stated, signature });
    await expect(say(2, 1_030_000)).resolves.toBeNull();
    await expect(say(1, 2_000_000)).resolves.toBeNull();
  });
});
