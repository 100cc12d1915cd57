/**
 * CPU time of a fetch on connections that are kept: the guarded client against undici's own `request`, by turns, the server in a process of its own:
 *   node --import tsx test/bench/fetch.bench.ts [--json]
 * Aimed at: no more than 1.5 times undici's.
 */
import { spawn } from 'node:child_process';
import { Agent, request } from 'undici';
import { createGuardedFetch } from '../../src/net/guarded-fetch.ts';

const FETCHES = 4000;
const AT_ONCE = 16;
const ROUNDS = 5;
/** Of a page, about what a page of text has. */
const PAGE_BYTES = 20_000;

const SERVER = `
const body = Buffer.alloc(${PAGE_BYTES}, 'a');
const server = require('node:http').createServer({ keepAliveTimeout: 60000 }, (_, response) => {
  response.setHeader('content-type', 'text/html; charset=utf-8').setHeader('content-length', body.length).end(body);
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
`;

type Get = (url: string) => Promise<number>;

/** Milliseconds of CPU per fetch. */
async function measure(get: Get, origin: string): Promise<number> {
  const before = process.cpuUsage();
  let next = 0;
  const run = async (): Promise<void> => {
    while (next < FETCHES) {
      next += 1;
      if ((await get(`${origin}/page-${next}.html`)) !== PAGE_BYTES) throw new Error('another page');
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, run));
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 / FETCHES;
}

const server = spawn(process.execPath, ['-e', SERVER], { stdio: ['ignore', 'pipe', 'inherit'] });
const port = Number(String(await new Promise((resolve) => server.stdout.once('data', resolve))));
const origin = `http://127.0.0.1:${port}`;
const agent = new Agent({ connections: 8 });
const fetch = createGuardedFetch({ allowPrivate: [`127.0.0.1:${port}`], userAgent: 'bench' });

const rivals: Record<string, Get> = {
  guarded: async (url) => (await fetch(url)).body.length,
  undici: async (url) => (await (await request(url, { dispatcher: agent })).body.arrayBuffer()).byteLength,
};
const tookMs: Record<string, number[]> = { guarded: [], undici: [] };
for (let round = 0; round <= ROUNDS; round++) {
  for (const [name, get] of Object.entries(rivals)) {
    const perFetchMs = await measure(get, origin);
    // The first round warms up.
    if (round > 0) tookMs[name]?.push(perFetchMs);
  }
}
const median = (values: number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] ?? NaN;
const guardedMs = median(tookMs['guarded'] ?? []);
const undiciMs = median(tookMs['undici'] ?? []);
const result = { guardedMs, undiciMs, ratio: guardedMs / undiciMs };
console.log(process.argv.includes('--json') ? JSON.stringify(result) : result);
await Promise.all([fetch.close(), agent.destroy()]);
server.kill();
