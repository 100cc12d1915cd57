import { mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startSite } from '../../../stack/site/site.ts';
import { stopOnSignals } from '../../../stack/signals.ts';
import { startStack } from '../../../stack/stack.ts';
import type { StackHandle } from '../../../stack/stack.ts';
import { workflowBundle } from '../../../temporal/bundle.ts';
import { openDevelopmentKey } from '../../commit/keys/wallet.ts';
import { connectChain } from '../../commit/subtensor/client.ts';
import type { Settings } from '../../config/load.ts';
import type { Signer } from '../../core/chain.ts';
import { canonicalJson } from '../../core/canonical-json.ts';
import { hostOf } from '../../core/wanted.ts';
import type { WantedList } from '../../core/wanted.ts';
import type { DatasetResult } from '../../datasets/build.ts';
import { parseRecipe } from '../../datasets/recipe.ts';
import { createFileStore } from '../../datasets/storage.ts';
import { connectRedis } from '../../redis/connect.ts';
import { buildDataset } from '../build-dataset.ts';
import type { Output } from '../output.ts';
import { temporalAccess } from '../temporal-access.ts';
import { renderSummary } from '../summary/render.ts';
import { summarySchema, summarySchemaJson } from '../summary/schema.ts';
import { gatherSummary } from './gather-summary.ts';
import { COLDKEY_SEED, PARTICIPANTS } from './local-keys.ts';
import { startOperators } from './local-operators.ts';
import type { LocalOperators } from './local-operators.ts';
import { startLocalInference } from './local-inference.ts';
import { commitsOf, inferencePaidByAll, scoredByAll, scoredEpochs, until } from './local-progress.ts';
import type { LocalView } from './local-progress.ts';
import { hurryChain, LOCAL_CHAIN, localGenesis, registerAll } from './local-subnet.ts';

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

const PAGES_A_RUN = 145;
const PATIENCE_MS = 420_000;

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
    const data = await watchRun(view, operators, sites.age, clock, out);
    const paid = inference === null ? data : await watchInference(view, operators, out);
    if (inference !== null) clock.lap('inference');
    const epoch = Math.max(data, paid);

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
    await writeEvidence(view, runDir);
    renderSummary(summary, out);
    out.line(`Summary: ${relative(clone, join(runDir, 'summary.json'))}`);
    out.line(`Evidence of every weight: ${relative(clone, join(runDir, 'evidence'))} ("seine score explain FILE")`);
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

interface Sites {
  wanted: WantedList;
  /** Start pages by miner: they overlap. */
  seeds: Record<string, string[]>;
  url: string;
  /** Lets time pass on the local site; null where a user's sites are scraped. */
  age: (() => Promise<string>) | null;
}

async function openSites(options: LocalNetworkOptions, closers: (() => Promise<unknown>)[]): Promise<Sites> {
  if (options.urls.length > 0) {
    const hosts = [...new Set(options.urls.map(hostOf))];
    // Whoever names a private address on the command line allows it by name.
    const wanted = wantedOf('sites', options.urls, hosts);
    return { wanted, seeds: {}, url: options.urls.join(' '), age: null };
  }
  const site = await startSite({
    root: join(options.clone, 'node_modules'),
    port: 0,
    log: (line) => options.out.line(`  ${line}`),
  });
  closers.push(() => site.close());
  options.out.line(`  site: ${site.pages} pages of the installed packages' documentation at ${site.url}`);
  return {
    wanted: wantedOf('docs', [site.url], [hostOf(site.url)]),
    seeds: { 'miner-1': [new URL('/pages/1', site.url).href], 'miner-2': [new URL('/pages/3', site.url).href] },
    url: site.url,
    age: async () => {
      const { edited, deleted, slowed } = await site.age('run');
      return `${edited.length} pages edited, ${deleted.length} deleted, ${slowed.length} slowed`;
    },
  };
}

function wantedOf(id: string, seeds: readonly string[], hosts: readonly string[]): WantedList {
  const job = { id, source: 'web' as const, seeds: [...seeds], hosts: [...hosts], allow_private: [...hosts] };
  return { version: 1, jobs: [{ ...job, max_pages: PAGES_A_RUN, pool: 'data', weight_ppm: 1_000_000 }] };
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

/** Waits until all validators have paid for what was served. Gives the index of that epoch. */
async function watchInference(view: LocalView, operators: LocalOperators, out: Output): Promise<number> {
  const paid = await until('weights for inference', PATIENCE_MS, operators.failed, () => inferencePaidByAll(view));
  out.line('  both validators have challenged the miners, checked what they answered and set their weights');
  return paid;
}

/** Waits for the two epochs, and lets the site change between scrape and spot check. Gives the index of the last of them. */
async function watchRun(
  view: LocalView,
  operators: LocalOperators,
  age: Sites['age'],
  clock: ReturnType<typeof stopwatch>,
  out: Output,
): Promise<number> {
  const miners = view.people.filter((person) => person.role === 'miner');
  const firstCommit = (copier: boolean) => async () => {
    const firsts = await Promise.all(
      miners
        .filter((miner) => miner.copier === copier)
        .map(async ({ signer }) => ({ hotkey: signer.address, first: (await commitsOf(view, signer.address))[0] })),
    );
    return firsts.every(({ first }) => first !== undefined)
      ? firsts.map(({ hotkey, first }) => ({ hotkey, block: first?.block ?? 0 }))
      : null;
  };
  const honest = await until('a commitment of each honest miner', PATIENCE_MS, operators.failed, firstCommit(false));
  out.line(`  both honest miners have committed (blocks ${honest.map(({ block }) => block).join(', ')})`);
  if (age !== null) out.line(`  the site changes: ${await age()}`);
  clock.lap('first_commits');
  const copied = await until('the commitment of the copier', PATIENCE_MS, operators.failed, firstCommit(true));
  out.line(`  the copier has committed (block ${copied.map(({ block }) => block).join(', ')})`);
  clock.lap('copier_commit');
  const epochs: number[] = [];
  for (const commits of [honest, copied]) {
    for (const commit of commits) {
      const scored = () => scoredByAll(view, commit);
      epochs.push(await until('the scores of all validators', PATIENCE_MS, operators.failed, scored));
    }
    const blocks = commits.map(({ block }) => block).join(', ');
    out.line(`  both validators have scored the commitments of blocks ${blocks} and set their weights`);
  }
  clock.lap('scores');
  return Math.max(...epochs);
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

/** The bundles under names that a person finds; their digests name them in the validators' stores. */
async function writeEvidence(view: LocalView, runDir: string): Promise<void> {
  const folder = join(runDir, 'evidence');
  await mkdir(folder, { recursive: true });
  for (const { name, role, signer } of view.people) {
    if (role !== 'validator') continue;
    for (const { evidence } of await scoredEpochs(view, signer.address)) {
      await writeFile(join(folder, `${name}-epoch-${evidence.epoch}.json`), canonicalJson(evidence));
    }
  }
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
