/**
 * How many generations a minute a validator challenges miners with, against bare posts of the same bodies to the same stand-in, in turns:
 *   node --import tsx test/bench/challenge.bench.ts [--rows 2000] [--json], a request to a row
 * Ours signs each request, reads and checks the form of each answer, streamed or not, counts what was asked, and logs the outcome in Redis.
 */
import { cryptoWaitReady } from '@polkadot/util-crypto';
import { Redis } from 'ioredis';
import { Agent, request as post } from 'undici';
import { startModelStandIn } from '../../stack/model-stand-in/server.ts';
import { createOutcomeLog } from '../../src/inference/challenge/outcome-log.ts';
import { createHttpTaskClient } from '../../src/inference/client/http-task-client.ts';
import { requestBytes } from '../../src/inference/wire/request-bytes.ts';
import { createMinerHttp } from '../../src/inference/client/miner-http.ts';
import { memoryHistory } from '../../src/inference/prompts/prompt-history.ts';
import { tasksOf } from '../../src/inference/tasks/parse-tasks.ts';
import { answerVolume } from '../../src/inference/volume.ts';
import { signerOf } from '../net/peers.ts';
import { startRedisServers } from '../support/redis-servers.ts';
import { toyRequestMaker } from '../support/toy-requests.ts';
import { runBench } from './bench-args.ts';
import { inTurns, timed } from './in-turns.ts';
import type { BenchLine } from './lines.ts';

const AT_ONCE = 16;
/** Of bare posts: a signature alone costs about as much as a post. */
const TARGET = 0.3;

await cryptoWaitReady();
const [servers, standIn] = [await startRedisServers(1), await startModelStandIn()];
const redis = new Redis(servers.ports[0]!, '127.0.0.1');
const hotkey = signerOf('//miner').address;
const http = createMinerHttp({ signer: signerOf('//validator'), isAllowedAddress: () => true });
const client = createHttpTaskClient(http);
const log = createOutcomeLog({ redis, hotkey });
const agent = new Agent({ connections: AT_ONCE });
const [task] = tasksOf(
  { version: 1, tasks: [{ name: 'text', kind: 'chat', model: 'toy', weight_ppm: 1_000_000 }] },
  'x',
).tasks;
const miner = { hotkey, base: new URL(standIn.url).origin };
const make = toyRequestMaker(memoryHistory());

async function measure(count: number): Promise<BenchLine[]> {
  if (task === undefined) throw new Error('there is no task');
  const origin = { block_hash: 'b', secret: 's', miner: hotkey, task: task.name };
  const requests = await Promise.all(
    Array.from({ length: count }, async (_, index) => (await make(task, { ...origin, index })).request),
  );
  let period = 0;

  const side = async (work: (index: number) => Promise<void>): Promise<void> => {
    let next = 0;
    const worker = async (): Promise<void> => {
      while (next < count) await work(next++);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    standIn.requests.length = 0;
  };
  const ours = async (index: number): Promise<void> => {
    const place = { period_ms: 1, period, miner: hotkey, task: task.name };
    const units = 40;
    await log.asked(place, units);
    const came = await client.ask(miner, task, requests[index]!);
    if (came.outcome !== 'answered' || answerVolume(task, requests[index]!, came.answer) === 0) {
      throw new Error(`request ${index} was ${came.outcome}`);
    }
    const { outcome, elapsed_ms, first_ms } = came;
    const head = { index, kind: 'synthetic', slot: 0, at_ms: 0, units, owed: true } as const;
    const times = { elapsed_ms, first_ms, attempt: 0, request: null, recipe: null, speed_ppm: 0, answer: null };
    await log.note(place, { ...head, outcome, reason: 'answered', ...times });
  };
  const bare = async (index: number): Promise<void> => {
    const body = requestBytes(requests[index]!);
    const headers = { 'content-type': 'application/json' };
    const { body: answer } = await post(`${standIn.url}/chat/completions`, {
      ...{ method: 'POST', headers, body, dispatcher: agent },
    });
    await answer.text();
  };
  const seconds = await inTurns(
    {
      ours: timed(async () => {
        period += 1;
        await side(ours);
      }),
      bare: timed(() => side(bare)),
    },
    3,
  );
  const aMinute = (taken: number): number => (count / taken) * 60;
  return [
    {
      ...{ name: 'challenge: generations', unit: 'a minute', ours: aMinute(seconds.ours) },
      ...{ peer: aMinute(seconds.bare), peerName: 'bare posts', target: TARGET },
    },
  ];
}

try {
  await runBench(2000, measure);
} finally {
  await Promise.all([client.close(), agent.close(), standIn.close()]);
  redis.disconnect();
  await servers.stop();
}
