import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startModelStandIn } from '../../../stack/model-stand-in/server.ts';
import type { StandInOptions } from '../../../stack/model-stand-in/server.ts';
import type { Participant } from './local-keys.ts';

/*
 * Inference in the small network. No model runs here: what miners serve, and what validators check by, are stand-ins that speak the wire format of real
 * engines around toy numbers. Everything between them is the product.
 */

/** What the stand-in behind each miner does: answers at once, answers late, answers by another model. */
const BACKENDS: Readonly<Record<string, StandInOptions>> = {
  'miner-1': {},
  'miner-2': { mode: 'slow', delayMs: 3000 },
  copier: { mode: 'wrong_model' },
};

/** Long enough for some requests of each task, short enough for several periods in an epoch. */
const PERIOD_MS = 20_000;
/** A full load of all miners at once takes two cores some seconds. */
const TIMEOUT_MS = 15_000;
/** A full load comes within so many periods: a minute and a half here, a day on a network with periods of an hour. */
const WINDOW_PERIODS = 4;

/** Usual are answers within a second or so, between those of the first two miners: a stand-in answers at once, where the machine lets it. */
const TASKS = {
  version: 1,
  tasks: [
    {
      ...{ name: 'stand-in-chat', kind: 'chat', model: 'stand-in-text', weight_ppm: 500_000 },
      ...{ timeout_ms: TIMEOUT_MS, period_ms: PERIOD_MS },
      speed: { overhead_ms: 100, mean_us: 20_000, variance_milli: 60_000 },
      limits: { tokens: 64 },
    },
    {
      ...{ name: 'stand-in-image', kind: 'text-to-image', model: 'stand-in-image', weight_ppm: 500_000 },
      ...{ timeout_ms: TIMEOUT_MS, period_ms: PERIOD_MS },
      speed: { overhead_ms: 100, mean_us: 60_000, variance_milli: 20_000 },
      limits: { steps: 30 },
    },
  ],
};

/** Units in a period for all validators together: half a dozen requests of a kind for each of the two, which two busy cores hold. */
const VOLUMES: Readonly<Record<string, number>> = { 'stand-in-chat': 900, 'stand-in-image': 300 };

export interface LocalInference {
  /** One line for who watches. */
  said: string;
  environmentOf: (person: Participant) => Record<string, string>;
  /**
   * Has the miners serve, by their serve files, which say nothing before. While five processes start, scrape and check rows on two cores, no miner answers in time,
   * and honest ones would look as bad as the cheat.
   */
  serve: () => Promise<void>;
}

/** Starts the stand-ins and writes the files that the operators' settings name. */
export async function startLocalInference(
  runDir: string,
  closers: (() => Promise<unknown>)[],
): Promise<LocalInference> {
  const folder = join(runDir, 'inference');
  await mkdir(folder, { recursive: true });
  const backend = async (options: StandInOptions): Promise<{ kind: 'openai'; url: string }> => {
    const { url, close } = await startModelStandIn(options);
    closers.push(close);
    return { kind: 'openai', url };
  };
  const write = async (name: string, value: unknown): Promise<string> => {
    const path = join(folder, name);
    await writeFile(path, `${JSON.stringify(value, null, 2)}\n`);
    return path;
  };
  const tasksFile = await write('tasks.json', TASKS);
  const checkersFile = await write('checkers.json', {
    version: 1,
    default: { backend: await backend({}), prefill: { way: 'vllm' }, encoder: { kind: 'shades' } },
  });
  const entries = new Map<string, object[]>();
  for (const [name, options] of Object.entries(BACKENDS)) {
    const served = { backend: await backend(options), concurrency: 8, queue_places: 64 };
    const serve = TASKS.tasks.map((task) => ({ task: task.name, volume: VOLUMES[task.name] ?? 0, ...served }));
    entries.set(name, serve);
  }
  const writeServeFile = (name: string, serve: readonly object[]): Promise<string> =>
    write(`serve-${name}.json`, { version: 1, serve });
  const serveFiles = new Map<string, string>();
  for (const name of entries.keys()) serveFiles.set(name, await writeServeFile(name, []));
  return {
    said: 'inference: stand-ins for models; one miner answers at once, one late, one by another model than it says',
    environmentOf: ({ name, role }) => ({
      SEINE_INFERENCE_TASKS_FILE: tasksFile,
      SEINE_POOLS: 'data=500000,inference=500000',
      SEINE_CAPACITY_WINDOW_PERIODS: String(WINDOW_PERIODS),
      ...(role === 'validator'
        ? { SEINE_VALIDATOR_CHECKERS_FILE: checkersFile }
        : { SEINE_MINER_SERVE_FILE: serveFiles.get(name) ?? '' }),
    }),
    async serve() {
      for (const [name, serve] of entries) await writeServeFile(name, serve);
    },
  };
}
