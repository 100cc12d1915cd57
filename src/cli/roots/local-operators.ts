import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { stackMarker } from '../../../stack/process-group.ts';
import type { StackHandle } from '../../../stack/stack.ts';
import { SeineError } from '../../core/errors.ts';
import type { Participant } from './local-keys.ts';
import { LOCAL_CHAIN } from './local-subnet.ts';

export interface LocalOperatorOptions {
  clone: string;
  runDir: string;
  stack: StackHandle;
  wantedFile: string;
  /** Pages that each miner starts from, by name. */
  seeds: Readonly<Record<string, readonly string[]>>;
  /** Seconds between scrapes: about an epoch. */
  scheduleSeconds: number;
  /** What else one of them needs in its environment. */
  environmentOf: (person: Participant) => Readonly<Record<string, string>>;
  env: Readonly<Record<string, string | undefined>>;
}

/** The processes of miners and validators, each the very command that an operator types. */
export interface LocalOperators {
  /** Rejects when one of them ends before it was asked to. */
  failed: Promise<never>;
  /** Folder with a log of each, by name. */
  logs: string;
  stop(): Promise<void>;
}

export async function startOperators(
  people: readonly Participant[],
  options: LocalOperatorOptions,
): Promise<LocalOperators> {
  const logs = join(options.runDir, 'logs');
  await mkdir(logs, { recursive: true });
  let stopping = false;
  const children: ChildProcess[] = [];
  const failed = new Promise<never>((_, reject) => {
    for (const person of people) {
      const log = join(logs, `${person.name}.log`);
      const main = join(options.clone, 'src', 'cli', 'main.ts');
      const child = spawn(process.execPath, ['--import', 'tsx', main, person.role], {
        cwd: options.clone,
        env: operatorEnvironment(person, options),
        stdio: ['ignore', 'pipe', 'pipe'],
        detached: true,
      });
      const file = createWriteStream(log);
      child.stdout.pipe(file, { end: false });
      child.stderr.pipe(file, { end: false });
      child.on('exit', (code, signal) => {
        if (!stopping) {
          reject(
            new SeineError('OperatorEnded', `${person.name} ended (${signal ?? code}); its log is ${log}`, {
              details: { name: person.name, log },
            }),
          );
        }
      });
      children.push(child);
    }
  });
  // Whoever races it sees it; nobody racing it must not end the process.
  failed.catch(() => undefined);
  return {
    ...{ failed, logs },
    async stop() {
      stopping = true;
      await Promise.all(children.map(stopChild));
    },
  };
}

function operatorEnvironment(person: Participant, options: LocalOperatorOptions): Record<string, string> {
  const { urls, dir } = options.stack;
  const kept = Object.fromEntries(
    ['PATH', 'HOME', 'LANG', 'TZ', 'TMPDIR'].flatMap((name) => {
      const value = options.env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  ) as Record<string, string>;
  return {
    ...kept,
    [stackMarker]: dir,
    SEINE_HOME: join(options.runDir, 'home'),
    SEINE_DEV: 'true',
    SEINE_NETUID: String(LOCAL_CHAIN.netuid),
    SEINE_WALLET_DEV_SEED: person.seed,
    SEINE_DEV_COPIER: String(person.copier),
    SEINE_WANTED_FILE: options.wantedFile,
    SEINE_FETCH_DEADLINE_BLOCKS: String(LOCAL_CHAIN.fetchDeadlineBlocks),
    SEINE_MINER_SEEDS: (options.seeds[person.name] ?? []).join(','),
    SEINE_MINER_SCHEDULE_SECONDS: String(person.copier ? 5 : options.scheduleSeconds),
    ...(person.copier ? {} : { SEINE_MINER_SCHEDULE_RUNS: '2' }),
    SEINE_MINER_LISTEN_HOST: '127.0.0.1',
    SEINE_MINER_PUBLIC_IP: '127.0.0.1',
    SEINE_VALIDATOR_LISTEN_HOST: '127.0.0.1',
    SEINE_VALIDATOR_PUBLIC_IP: '127.0.0.1',
    TEMPORAL_ADDRESS: urls.temporal,
    ...passOn(options.env, ['TEMPORAL_NAMESPACE', 'TEMPORAL_TLS', 'TEMPORAL_API_KEY']),
    REDIS_INDEX_URL: urls.redisIndex,
    REDIS_STATE_URL: urls.redisState,
    SUBTENSOR_ENDPOINT: urls.chain,
    CHROMIUM_PATH: urls.chromium,
    ...options.environmentOf(person),
  };
}

function passOn(env: LocalOperatorOptions['env'], names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])));
}

async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const kill = setTimeout(() => child.kill('SIGKILL'), 15_000);
  await ended;
  clearTimeout(kill);
}
