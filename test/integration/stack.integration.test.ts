import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { Connection } from '@temporalio/client';
import { WebSocket } from 'ws';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SEARCH_ATTRIBUTES } from '../../src/core/search-attributes.ts';
import {
  PartFailedError,
  PartUnreachableError,
  RedisModulesMissingError,
  StackRunningError,
} from '../../stack/errors.ts';
import { examine } from '../../stack/doctor.ts';
import { cloneRoot, needPart } from '../../stack/parts.ts';
import { listensOn } from '../../stack/port-owner.ts';
import { freePort } from '../../stack/ports.ts';
import { isAlive } from '../../stack/process-group.ts';
import { startPart, type LocalPart } from '../../stack/processes.ts';
import { localChain } from '../../stack/chain.ts';
import { localRedis } from '../../stack/redis.ts';
import { stackDown, startStack, type StackHandle } from '../../stack/stack.ts';
import { readState, removeState, type PartRecord } from '../../stack/state-file.ts';
import { stackLogs, stackStatus } from '../../stack/status.ts';
import { localTemporal } from '../../stack/temporal.ts';
import { useStack } from '../support/stack.ts';

let parent: string;
const cleanups: (() => unknown)[] = [];

beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'seine stack '));
});
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  rmSync(parent, { recursive: true, force: true });
});

/** A stack of its own, on the chain of the whole run. */
async function start(name: string, env: Record<string, string> = {}): Promise<StackHandle> {
  const dir = join(parent, name);
  cleanups.push(() => stackDown(dir));
  const settings = { ...process.env, SUBTENSOR_ENDPOINT: useStack().chain, ...env };
  return startStack({ dir, chain: { blocks: 'instant' }, env: settings, log: () => undefined });
}

function launch(dir: string): ChildProcess {
  const launcher = join(cloneRoot, 'test', 'support', 'stack-launcher.ts');
  const args = ['--import', 'tsx', launcher, dir, useStack().chain];
  const child = spawn(process.execPath, args, { cwd: cloneRoot, stdio: ['ignore', 'pipe', 'inherit'] });
  cleanups.push(async () => {
    child.kill('SIGKILL');
    await stackDown(dir);
  });
  return child;
}

async function records(dir: string, count: number): Promise<PartRecord[]> {
  for (;;) {
    const parts = readState(dir)?.parts ?? [];
    if (parts.length >= count) return parts;
    await sleep(5);
  }
}

async function ask<T>(url: string, question: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(url);
  try {
    return await question(redis);
  } finally {
    redis.disconnect();
  }
}

/** Processes at work in that folder, by their working directory: independent of what the stack itself goes by. */
function runningIn(dir: string): string[] {
  return readdirSync('/proc').filter((pid) => {
    try {
      return readlinkSync(`/proc/${pid}/cwd`).startsWith(`${dir}/`);
    } catch {
      return false;
    }
  });
}

async function callChain(endpoint: string, method: string, params: unknown[]): Promise<unknown> {
  const socket = new WebSocket(endpoint);
  await once(socket, 'open');
  socket.send(JSON.stringify({ id: 1, jsonrpc: '2.0', method, params }));
  const [data] = (await once(socket, 'message')) as [Buffer];
  socket.terminate();
  const answer = JSON.parse(data.toString()) as { result?: unknown; error?: { message: string } };
  if (answer.error !== undefined) throw new Error(answer.error.message);
  return answer.result;
}

/** A Redis of the set-up's, without its modules. */
async function plainRedis(): Promise<string> {
  const { executable, libraries } = needPart('redis');
  const port = await freePort(0);
  const env = { ...process.env, LD_LIBRARY_PATH: libraries };
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', parent];
  const server = spawn(executable, args, { env, stdio: 'ignore' });
  const url = `redis://secret:word@127.0.0.1:${port}`;
  cleanups.push(() => server.kill('SIGKILL'));
  while (listensOn([server.pid ?? 0], port) === false) await sleep(5);
  await ask(`redis://127.0.0.1:${port}`, (redis) =>
    redis.call('ACL', 'SETUSER', 'secret', 'on', '>word', '~*', '+@all'),
  );
  return url;
}

describe('a stack', () => {
  it('comes up where the usual ports are taken, with what Seine needs of each part', async () => {
    const blockers: Server[] = [];
    for (const port of [7233, 8233, 6379, 6380]) {
      const server = createServer();
      server.on('error', () => undefined); // Taken by the stack of the whole run, which serves as well.
      server.listen(port, '127.0.0.1');
      blockers.push(server);
    }
    cleanups.push(() => blockers.forEach((server) => server.close()));
    const { urls } = await start('ports taken');
    expect(urls.temporal).not.toBe('127.0.0.1:7233');
    expect([urls.redisIndex, urls.redisState]).not.toContain('redis://127.0.0.1:6379');
    expect(existsSync(urls.chromium)).toBe(true);

    const fsync = (url: string): Promise<unknown> => ask(url, (redis) => redis.config('GET', 'append*'));
    expect(await fsync(urls.redisState)).toEqual(
      expect.arrayContaining(['appendonly', 'yes', 'appendfsync', 'always']),
    );
    expect(await fsync(urls.redisIndex)).toEqual(expect.arrayContaining(['appendonly', 'yes']));
    expect(await ask(urls.redisIndex, (redis) => redis.call('BF.ADD', 'filter', 'a'))).toBe(1);
    expect(await ask(urls.redisIndex, (redis) => redis.call('JSON.SET', 'doc', '$', '{"a":1}'))).toBe('OK');
    expect(await ask(urls.redisIndex, (redis) => redis.call('FT._LIST'))).toEqual([]);

    const connection = await Connection.connect({ address: urls.temporal });
    cleanups.push(() => connection.close());
    const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace: 'default' });
    expect(Object.keys(customAttributes)).toEqual(
      expect.arrayContaining(Object.values(SEARCH_ATTRIBUTES).map(({ name }) => name)),
    );
    expect((await fetch(urls.temporalUi ?? '')).status).toBe(200);
  });

  it('runs beside another one, and once a folder', async () => {
    const [one, two] = await Promise.all([start('one'), start('two')]);
    const addresses = [one, two].flatMap(({ urls }) => [
      urls.temporal,
      urls.temporalUi,
      urls.redisIndex,
      urls.redisState,
    ]);
    expect(new Set(addresses).size).toBe(8);
    for (const { dir } of [one, two]) {
      expect((await stackStatus(dir)).map((part) => [part.name, part.trouble])).toEqual([
        ['redis-index', null],
        ['redis-state', null],
        ['temporal', null],
        ['chain', null],
      ]);
    }
    await expect(start('one')).rejects.toThrow(StackRunningError);
    expect((await stackStatus(one.dir)).every((part) => part.healthy)).toBe(true);
  });

  it('keeps its data over a stop and a start', async () => {
    const first = await start('again');
    for (const url of [first.urls.redisIndex, first.urls.redisState]) await ask(url, (redis) => redis.set('kept', '1'));
    await first.down();
    expect(await stackStatus(first.dir)).toEqual([]);
    expect(stackLogs(first.dir, 'redis-state').join('\n')).toContain('ready to exit');
    const second = await start('again');
    for (const url of [second.urls.redisIndex, second.urls.redisState]) {
      expect(await ask(url, (redis) => redis.get('kept'))).toBe('1');
    }
  });

  it('runs the development chain, which keeps its blocks over a stop and a start', async () => {
    const first = await start('own chain', { SUBTENSOR_ENDPOINT: '' });
    const built = await callChain(first.urls.chain, 'dev_newBlock', [{ count: 2 }]);
    expect(built).toBeDefined();
    const head = (await callChain(first.urls.chain, 'chain_getHeader', [])) as { number: string };
    expect(Number(head.number)).toBeGreaterThanOrEqual(2);
    expect(await stackDown(first.dir)).toEqual(['chain', 'temporal', 'redis-state', 'redis-index']);
    const second = await start('own chain', { SUBTENSOR_ENDPOINT: '' });
    expect(await callChain(second.urls.chain, 'chain_getHeader', [])).toEqual(head);
  });

  it('shows a part that died', async () => {
    const { dir } = await start('part dies');
    const temporal = readState(dir)?.parts.find((part) => part.name === 'temporal');
    process.kill(temporal?.pid ?? 0, 'SIGKILL');
    while (temporal !== undefined && isAlive(temporal)) await sleep(5);
    const shown = (await stackStatus(dir)).find((part) => part.name === 'temporal');
    expect(shown).toMatchObject({ alive: false, healthy: false });
    expect(shown?.trouble).toContain('does not answer');
    expect(await stackDown(dir)).toEqual(['redis-state', 'redis-index']);
  });
});

describe.runIf(process.platform === 'linux')('a launcher that is killed', () => {
  it('leaves nothing once the stack is taken down, killed while up', async () => {
    const dir = join(parent, 'killed up');
    const launcher = launch(dir);
    await once(launcher.stdout as NodeJS.ReadableStream, 'data');
    launcher.kill('SIGKILL');
    await once(launcher, 'exit');
    const parts = await records(dir, 3);
    expect(parts.every(isAlive)).toBe(true);
    expect(await stackDown(dir)).toEqual(['temporal', 'redis-state', 'redis-index']);
    expect(parts.some(isAlive)).toBe(false);
    expect(runningIn(dir)).toEqual([]);
  });

  it('leaves nothing either when it is killed at the first part', async () => {
    const dir = join(parent, 'killed early');
    const launcher = launch(dir);
    await records(dir, 1);
    launcher.kill('SIGKILL');
    await once(launcher, 'exit');
    await stackDown(dir);
    expect(runningIn(dir)).toEqual([]);
    expect((await start('killed early')).urls.redisIndex).toMatch(/^redis:/);
  });

  it('leaves nothing of which the record was lost', async () => {
    const { dir } = await start('record lost');
    expect(runningIn(dir)).toHaveLength(3);
    removeState(dir);
    await stackDown(dir);
    expect(runningIn(dir)).toEqual([]);
  });

  it('leaves nothing when the start is given up', async () => {
    const dir = join(parent, 'given up');
    const giveUp = new AbortController();
    const env = { ...process.env, SUBTENSOR_ENDPOINT: useStack().chain };
    const starting = startStack({
      dir,
      chain: { blocks: 'instant' },
      env,
      log: () => undefined,
      signal: giveUp.signal,
    });
    const refused = expect(starting).rejects.toThrow('enough');
    await records(dir, 1);
    giveUp.abort(new Error('enough'));
    await refused;
    expect(runningIn(dir)).toEqual([]);
    expect(readState(dir)).toBeUndefined();
  });

  it('stops everything itself on Ctrl-C', async () => {
    const dir = join(parent, 'interrupted');
    const launcher = launch(dir);
    await once(launcher.stdout as NodeJS.ReadableStream, 'data');
    const parts = await records(dir, 3);
    launcher.kill('SIGINT');
    const [code] = (await once(launcher, 'exit')) as [number];
    expect(code).toBe(130);
    expect(parts.some(isAlive)).toBe(false);
    expect(readState(dir)).toBeUndefined();
  });
});

describe('what can’t work', () => {
  it('is refused: a Redis without the modules, by name and without its password', async () => {
    const url = await plainRedis();
    const refusal = await start('plain', { REDIS_URL: url }).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(RedisModulesMissingError);
    expect(String(refusal)).toContain('search, ReJSON, bf');
    expect(String(refusal)).not.toContain('word@');
    expect(runningIn(join(parent, 'plain'))).toEqual([]);
  });

  it('is refused: a server of the user’s own that does not answer', async () => {
    const port = await freePort(0);
    for (const [setting, value] of [
      ['REDIS_URL', `redis://127.0.0.1:${port}`],
      ['TEMPORAL_ADDRESS', `127.0.0.1:${port}`],
      ['SUBTENSOR_ENDPOINT', `ws://127.0.0.1:${port}`],
    ] as const) {
      const refusal = await start('absent', { [setting]: value }).catch((error: unknown) => error);
      expect(refusal).toBeInstanceOf(PartUnreachableError);
      expect(String(refusal)).toContain(setting);
    }
  });

  it('says why a part ended, with the end of its log', async () => {
    const good = localRedis('index', parent, process.env);
    const bad: LocalPart = {
      ...good,
      command: (ports) => {
        const command = good.command(ports);
        return { ...command, args: [...command.args, '--no-such-option', '1'] };
      },
    };
    const failure = startPart(bad, { dir: parent, log: () => undefined, record: () => undefined });
    await expect(failure).rejects.toThrow(PartFailedError);
    await expect(failure).rejects.toThrow('no-such-option');
  });

  it.each<[string, (dir: string) => LocalPart]>([
    ['Redis', (dir) => localRedis('index', dir, process.env)],
    ['Temporal', (dir) => localTemporal(dir, process.env)],
    ['the chain', (dir) => localChain(dir, { blocks: 'instant' }, process.env)],
  ])('is tried again on another port when someone took the one of %s between choice and bind', async (_, part) => {
    const good = part(parent);
    const thief = createServer().listen(0, '127.0.0.1');
    await once(thief, 'listening');
    cleanups.push(() => thief.close());
    const stolen = (thief.address() as { port: number }).port;
    const tried: (readonly number[])[] = [];
    const robbed: LocalPart = {
      ...good,
      command: (ports) => {
        tried.push(ports);
        return good.command(tried.length === 1 ? [stolen, ...ports.slice(1)] : ports);
      },
    };
    const started = await startPart(robbed, { dir: parent, log: () => undefined, record: () => undefined });
    cleanups.push(() => process.kill(-started.pid, 'SIGKILL'));
    expect(tried).toHaveLength(2);
    expect(started.ports).toEqual(tried[1]);
  });
});

describe('the doctor', () => {
  it('finds a machine that is set up in order, the browser launched', async () => {
    const findings = await examine(process.env);
    expect(findings.filter((finding) => !finding.ok)).toEqual([]);
    expect(findings.find((finding) => finding.what === 'Browser')?.found).toContain('launches');
  });

  it('says what to do about what is wrong', async () => {
    const findings = await examine({ PATH: '/nowhere', CHROMIUM_PATH: '/nowhere', REDIS_URL: 'redis://127.0.0.1:1' });
    const fixes = Object.fromEntries(findings.filter(({ ok }) => !ok).map(({ what, fix }) => [what, fix]));
    expect(fixes['Python 3 with pip']).toContain('install Python');
    expect(fixes['Browser']).toContain('CHROMIUM_PATH');
    expect(fixes['Redis']).toContain('REDIS_URL');
  });
});
