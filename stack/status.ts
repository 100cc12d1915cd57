import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { messageOf } from '../src/core/errors.ts';
import { checkChain } from './chain.ts';
import type { Environment } from './environment.ts';
import { isAlive } from './process-group.ts';
import { logFile } from './processes.ts';
import { checkRedis } from './redis.ts';
import { partNames, readState, type PartName, type StackState } from './state-file.ts';
import { checkTemporal, externalTemporal, type ExternalTemporal } from './temporal.ts';

export interface PartStatus {
  readonly name: PartName;
  /** null for a part of the user's own. */
  readonly pid: number | null;
  /** null for a part of the user's own. */
  readonly alive: boolean | null;
  /** Does it answer? */
  readonly healthy: boolean;
  /** Why it is not healthy. */
  readonly trouble: string | null;
  readonly url: string | null;
  readonly log: string | null;
}

/** How each part of the stack in that folder is; empty when there is none. `env` is needed where settings
 * name a Temporal with TLS or a key. Throws `StackStateError`. */
export async function stackStatus(dir: string, env: Environment = {}): Promise<PartStatus[]> {
  const state = readState(resolve(dir));
  if (state === undefined) return [];
  return Promise.all(
    partNames.map(async (name) => {
      const record = state.parts.find((part) => part.name === name);
      const url = urlOf(name, state.urls);
      const trouble = url === undefined ? 'it is not up yet' : await troubleOf(name, url, env);
      return {
        name,
        pid: record?.pid ?? null,
        alive: record === undefined ? null : isAlive(record),
        healthy: trouble === null,
        trouble,
        url: url ?? null,
        log: record?.log ?? null,
      };
    }),
  );
}

/** The last lines of a part's log, oldest first; also of a stack that is down. Empty when it has none. */
export function stackLogs(dir: string, name: PartName, lines: number = 100): string[] {
  const file = logFile(resolve(dir), name);
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-lines);
}

function urlOf(name: PartName, urls: StackState['urls']): string | undefined {
  switch (name) {
    case 'redis-index':
      return urls.redisIndex;
    case 'redis-state':
      return urls.redisState;
    case 'temporal':
      return urls.temporal;
    case 'chain':
      return urls.chain;
  }
}

async function troubleOf(name: PartName, url: string, env: Environment): Promise<string | null> {
  try {
    if (name === 'temporal') await checkTemporal(serverAt(url, env));
    else if (name === 'chain') await checkChain(url);
    else await checkRedis(url, name);
    return null;
  } catch (error) {
    return messageOf(error);
  }
}

function serverAt(address: string, env: Environment): ExternalTemporal {
  const external = externalTemporal(env);
  return external?.address === address ? external : { address, namespace: 'default', tls: false };
}
