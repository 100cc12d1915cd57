import { mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stopOnSignals } from '../../../stack/signals.ts';
import { startStack } from '../../../stack/stack.ts';
import type { StackHandle } from '../../../stack/stack.ts';
import { workflowBundle } from '../../../temporal/bundle.ts';
import { openDevelopmentKey } from '../../commit/keys/wallet.ts';
import { connectChain } from '../../commit/subtensor/client.ts';
import type { Settings } from '../../config/load.ts';
import type { Signer } from '../../core/chain.ts';
import { canonicalJson } from '../../core/canonical-json.ts';
import type { DatasetResult } from '../../datasets/build.ts';
import { parseRecipe } from '../../datasets/recipe.ts';
import { createFileStore } from '../../datasets/storage.ts';
import { connectRedis } from '../../redis/connect.ts';
import { buildDataset } from '../build-dataset.ts';
import type { Output } from '../output.ts';
import { temporalAccess } from '../temporal-access.ts';
import { renderSummary } from '../summary/render.ts';
import { summarySchema, summarySchemaJson } from '../summary/schema.ts';
import type { RunSummary } from '../summary/schema.ts';
import { gatherSummary } from './gather-summary.ts';
import { COLDKEY_SEED, PARTICIPANTS } from './local-keys.ts';
import { startOperators } from './local-operators.ts';
import { startLocalInference } from './local-inference.ts';
import { scoredEpochs } from './local-progress.ts';
import type { LocalView } from './local-progress.ts';
import { openSites } from './local-sites.ts';
import { hurryChain, LOCAL_CHAIN, localGenesis, registerAll } from './local-subnet.ts';
import { watchRun } from './local-watch.ts';

export interface LocalNetworkOptions {
  /** Sites to scrape in place of the local one. */
  urls: readonly string[];
  /** Leave everything up until Ctrl-C. */
  keep: boolean;
  /** Miners also serve models, and validators challenge them. */
  withInference: boolean;
  clone: string;
  env: Readonly<Record<string, string | undefined>>;
  out: Output;
  settings: Settings;
}

/** Runs the whole small network once; gives the exit code. */
export async function runLocalNetwork(options: LocalNetworkOptions): Promise<number> {
  const { out, clone } = options;
  const startedAt = new Date();
  const runDir = await createRunFolder(options.settings.values['runs.dir'], startedAt);
  const clock = stopwatch();
  const coldkey = await openDevelopmentKey({ uri: COLDKEY_SEED, development: true });
  const genesisFile = join(runDir, 'genesis.json');
  await writeFile(genesisFile, JSON.stringify(localGenesis(coldkey.address), null, 2));

  out.line(`Run ${relative(clone, runDir)}: starting Temporal, Redis and the chain`);
  const stack = await startStack({
    dir: join(runDir, 'stack'),
    chain: { blocks: { intervalMs: LOCAL_CHAIN.blockMs }, genesisFile },
    env: options.env,
    log: (line) => out.line(`  ${line}`),
  });
  const closers: (() => Promise<unknown>)[] = [() => stack.down()];
  const closeAll = async (): Promise<void> => {
    for (let close = closers.pop(); close !== undefined; close = closers.pop()) await close();
  };
  const removeHandlers = stopOnSignals(stack, closeAll, (line) => out.line(line));
  try {
    const sites = await openSites(options, closers);
    const wantedFile = join(runDir, 'wanted.json');
    await writeFile(wantedFile, JSON.stringify(sites.wanted, null, 2));
    const inference = options.withInference ? await startLocalInference(runDir, closers) : null;
    if (inference !== null) out.line(`  ${inference.said}`);
    clock.lap('stack');

    const view = await openView(stack, runDir, coldkey, closers);
    out.line(`  ${view.people.length} hotkeys registered on subnet ${LOCAL_CHAIN.netuid}, validators with permits`);
    clock.lap('registration');

    out.line(`Miners and validators start; follow them at ${stack.urls.temporalUi ?? stack.urls.temporal}`);
    await workflowBundle(join(runDir, 'home', 'cache'));
    const operators = await startOperators(PARTICIPANTS, {
      ...{ clone, runDir, stack, wantedFile, seeds: sites.seeds, env: options.env },
      environmentOf: (person) => inference?.environmentOf(person) ?? {},
      scheduleSeconds: Math.ceil((LOCAL_CHAIN.tempo * LOCAL_CHAIN.blockMs) / 1000),
    });
    closers.push(() => operators.stop());
    const epoch = await watchRun({ view, operators, age: sites.age, inference, lap: clock.lap, out });

    const dataset = await publishDataset(view, stack, runDir, options);
    clock.lap('dataset');
    const summary = summarySchema.parse(
      await gatherSummary(view, {
        ...{ startedAt, wanted: sites.wanted, dataset, durationsMs: clock.laps },
        urls: urlsOf(stack, sites.url),
        epoch,
      }),
    );
    await writeFile(join(runDir, 'summary.json'), `${JSON.stringify(summary, null, 2)}\n`);
    await writeFile(join(runDir, 'summary.schema.json'), `${JSON.stringify(summarySchemaJson(), null, 2)}\n`);
    const evidence = await writeEvidence(view, runDir, epoch);
    renderSummary(summary, out);
    sayWhatIsNext({ ...options, summary, evidence }, (path) => relative(clone, join(runDir, path)));
    out.json(summary);
    if (options.keep) {
      out.line('Everything stays up until Ctrl-C.');
      for (;;) await Promise.race([sleep(3_600_000), operators.failed]);
    }
    return 0;
  } finally {
    removeHandlers();
    await closeAll();
  }
}

/** A new folder for this run; `latest` points to it. */
async function createRunFolder(runs: string, startedAt: Date): Promise<string> {
  const name = startedAt.toISOString().replaceAll(/[:.]/g, '-');
  const runDir = join(runs, name);
  await mkdir(runDir, { recursive: true });
  const latest = join(runs, 'latest');
  await rm(latest, { force: true });
  await symlink(name, latest, 'dir');
  return runDir;
}

async function openView(
  stack: StackHandle,
  runDir: string,
  coldkey: Signer,
  closers: (() => Promise<unknown>)[],
): Promise<LocalView> {
  const [chain, index, state] = await Promise.all([
    connectChain({ endpoints: [stack.urls.chain] }),
    connectRedis(stack.urls.redisIndex),
    connectRedis(stack.urls.redisState),
  ]);
  closers.push(async () => {
    index.disconnect();
    state.disconnect();
    await chain.close();
  });
  const signers = await Promise.all(
    PARTICIPANTS.map(({ seed }) => openDevelopmentKey({ uri: seed, development: true })),
  );
  const people = PARTICIPANTS.map((person, at) => ({ ...person, signer: signers[at] ?? coldkey }));
  return {
    ...{ chain, index, state },
    people: await registerAll(chain, coldkey, people, (blocks) => hurryChain(stack.urls.chain, blocks)),
    storeOf: (hotkey) => createFileStore(join(runDir, 'home', 'operators', hotkey.slice(0, 8), 'objects')),
  };
}

async function publishDataset(
  view: LocalView,
  stack: StackHandle,
  runDir: string,
  options: LocalNetworkOptions,
): Promise<DatasetResult | null> {
  const { settings, clone, out } = options;
  const validator = view.people.find((person) => person.role === 'validator');
  if (validator === undefined) return null;
  const recipe = parseRecipe(JSON.parse(await readFile(join(clone, 'datasets', 'recipes', 'web-docs.json'), 'utf8')));
  return await buildDataset(
    { temporal: { ...temporalAccess(settings), address: stack.urls.temporal }, netuid: LOCAL_CHAIN.netuid },
    { hotkey: validator.signer.address, recipe, outDir: join(runDir, 'dataset') },
    out,
  );
}

/** The bundles under names that a person finds; their digests name them in the validators' stores. Gives the name of the one that the summary shows first. */
async function writeEvidence(view: LocalView, runDir: string, epoch: number): Promise<string> {
  const folder = join(runDir, 'evidence');
  await mkdir(folder, { recursive: true });
  const names = [];
  for (const { name, role, signer } of view.people) {
    if (role !== 'validator') continue;
    for (const { evidence } of await scoredEpochs(view, signer.address)) {
      const file = `${name}-epoch-${evidence.epoch}.json`;
      await writeFile(join(folder, file), canonicalJson(evidence));
      if (evidence.epoch === epoch) names.push(file);
    }
  }
  return names[0] ?? '';
}

/** @param at a path of the run's folder, from where commands are typed */
function sayWhatIsNext(
  { out, keep, summary, evidence }: LocalNetworkOptions & { summary: RunSummary; evidence: string },
  at: (path: string) => string,
): void {
  const copier = summary.miners.find(({ name }) =>
    PARTICIPANTS.some((person) => person.copier && person.name === name),
  );
  out.line();
  out.line(`The run is in ${at('.')}: summary.json, logs, and the evidence of every weight.`);
  out.line('Next:', 'strong');
  const steps = [
    [
      'why the copier earned nothing',
      `npm run seine -- score explain ${at(join('evidence', evidence))} --uid ${copier?.uid}`,
    ],
    ...(summary.dataset === null
      ? []
      : [
          ['look at the rows', `npm run seine -- dataset query ${at('dataset')} "SELECT url, title FROM rows LIMIT 5"`],
        ]),
    ...(keep
      ? [['check them against the chain', `npm run seine -- dataset verify ${at('dataset')}`]]
      : [['leave everything up, with the Temporal UI', 'npm start -- --keep']]),
    [
      'your own miner or validator',
      'npm run seine -- init miner, or: init validator (docs/miner.md, docs/validator.md)',
    ],
  ];
  for (const [what = '', command = ''] of steps) out.line(`  ${what}: ${command}`);
}

function urlsOf(stack: StackHandle, site: string): Record<string, string> {
  const { temporalUi, temporal, redisIndex, redisState, chain } = stack.urls;
  return {
    temporal: temporalUi ?? temporal,
    temporal_grpc: temporal,
    chain,
    redis: redisIndex,
    redis_state: redisState,
    site,
  };
}

function stopwatch(): { laps: Record<string, number>; lap: (name: string) => void } {
  const laps: Record<string, number> = {};
  let last = performance.now();
  return {
    laps,
    lap(name) {
      const now = performance.now();
      laps[name] = Math.round(now - last);
      last = now;
    },
  };
}
