import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { resolveChromium } from './browser.ts';
import { chainEndpoint, checkChain, externalChain, localChain, type ChainSettings } from './chain.ts';
import type { Environment } from './environment.ts';
import { StackRunningError } from './errors.ts';
import { isAlive, killGroup, markedProcesses, stopGroup, stopMarked } from './process-group.ts';
import { processStartTime } from './setup/process-identity.mjs';
import { startPart, type LocalPart, type StartContext } from './processes.ts';
import { checkRedis, externalRedis, localRedis, redisUrl, type RedisRole } from './redis.ts';
import {
  partNames,
  readState,
  removeState,
  writeState,
  type PartRecord,
  type StackState,
  type StackUrls,
} from './state-file.ts';
import { checkTemporal, externalTemporal, localTemporal, temporalAddress } from './temporal.ts';

export interface StackOptions {
  /** State, logs and data of this stack live here; a second start in the same folder finds the data again. */
  readonly dir: string;
  readonly chain: ChainSettings;
  readonly log: (line: string) => void;
  /** Settings and PATH; see DESIGN.md for the names. */
  readonly env: Environment;
  /** Gives up the start, stops what it began, and rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

export interface StackHandle {
  readonly dir: string;
  readonly urls: StackUrls;
  /** Stops all parts in order. Parts of the user's own go on. */
  readonly down: () => Promise<void>;
  /** Kills all parts at once, without order. */
  readonly kill: () => void;
}

const stopGraceMs = 15_000;

/**
 * Starts Temporal, both Redis roles and the chain, or checks the user's own in their place, and finds the browser. Resolves
 * when all of them serve; when one fails, the others are stopped first. Throws `StackRunningError`, `PartMissingError`,
 * `PartFailedError`, `PartUnreachableError`, `RedisModulesMissingError`.
 */
export async function startStack(options: StackOptions): Promise<StackHandle> {
  const dir = resolve(options.dir);
  mkdirSync(dir, { recursive: true });
  const left = readState(dir);
  if (left?.parts.some(isAlive) === true || markedProcesses(dir).length > 0) throw new StackRunningError(dir);

  const state: StackState = {
    version: 1,
    startedAt: new Date().toISOString(),
    launcher: { pid: process.pid, startTime: processStartTime(process.pid) ?? '' },
    urls: {},
    parts: [],
  };
  const context: StartContext = {
    dir,
    log: options.log,
    signal: options.signal,
    record: (part) => {
      state.parts = [...state.parts.filter((other) => other.name !== part.name), part];
      writeState(dir, state);
    },
  };
  writeState(dir, state);
  try {
    const chromium = resolveChromium(options.env);
    const started = await Promise.allSettled([
      startRedis('index', options, context),
      startRedis('state', options, context),
      startTemporal(options, context),
      startChain(options, context),
    ]);
    // A part may have begun to serve just when the start was given up.
    options.signal?.throwIfAborted();
    const [redisIndex, redisState, temporal, chain] = started;
    const urls: StackUrls = {
      redisIndex: valueOf(redisIndex),
      redisState: valueOf(redisState),
      ...valueOf(temporal),
      chain: valueOf(chain),
      chromium,
    };
    state.urls = urls;
    writeState(dir, state);
    return { dir, urls, down: async () => void (await stackDown(dir)), kill: () => state.parts.forEach(killGroup) };
  } catch (error) {
    await stackDown(dir);
    throw error;
  }
}

/**
 * Stops what runs of the stack in that folder, in order, whoever started it and however that ended. Returns the names of the
 * parts that it stopped.
 */
export async function stackDown(dir: string): Promise<string[]> {
  const folder = resolve(dir);
  const parts = readState(folder)?.parts ?? [];
  const running = inStopOrder(parts).filter(isAlive);
  for (const part of inStopOrder(parts)) await stopGroup(part, stopGraceMs);
  await stopMarked(folder, stopGraceMs);
  removeState(folder);
  return running.map((part) => part.name);
}

/** Has the process that started the stack in that folder ended without stopping it? */
export function isLeftBehind(dir: string): boolean {
  const state = readState(resolve(dir));
  return state !== undefined && !isAlive(state.launcher);
}

/** The chain and Temporal first, then the stores. */
function inStopOrder(parts: readonly PartRecord[]): PartRecord[] {
  return [...parts].sort((a, b) => partNames.indexOf(b.name) - partNames.indexOf(a.name));
}

async function startRedis(role: RedisRole, { env, log }: StackOptions, context: StartContext): Promise<string> {
  const external = externalRedis(role, env);
  if (external !== undefined) {
    await checkRedis(external.url, external.setting);
    log(`redis-${role}: using ${external.setting}`);
    return external.url;
  }
  return redisUrl(await up(localRedis(role, context.dir, env), context));
}

async function startTemporal(
  { env, log }: StackOptions,
  context: StartContext,
): Promise<Pick<StackUrls, 'temporal' | 'temporalUi'>> {
  const external = externalTemporal(env);
  if (external !== undefined) {
    await checkTemporal(external);
    log('temporal: using TEMPORAL_ADDRESS');
    return { temporal: external.address, temporalUi: null };
  }
  const part = localTemporal(context.dir, env);
  const record = await startPart(part, context);
  context.log(`temporal: up on port ${record.ports.join(', UI ')}`);
  return { temporal: temporalAddress(record.ports[0]), temporalUi: `http://127.0.0.1:${record.ports[1]}` };
}

async function startChain({ env, chain, log }: StackOptions, context: StartContext): Promise<string> {
  const external = externalChain(env);
  if (external !== undefined) {
    await checkChain(external);
    log('chain: using SUBTENSOR_ENDPOINT');
    return external;
  }
  return chainEndpoint(await up(localChain(context.dir, chain, env), context));
}

async function up(part: LocalPart, context: StartContext): Promise<number | undefined> {
  const record = await startPart(part, context);
  context.log(`${part.name}: up on port ${record.ports[0]}`);
  return record.ports[0];
}

function valueOf<T>(result: PromiseSettledResult<T>): T {
  if (result.status === 'rejected') throw result.reason;
  return result.value;
}
