import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Cluster, Redis } from 'ioredis';
import { childEnvironment } from '../../stack/environment.ts';
import { needPart } from '../../stack/parts.ts';
import { freePorts } from '../../stack/ports.ts';

/** Plain Redis servers of a test's own, from the same executable as the stack's; nothing is kept. */
export interface RedisServers {
  ports: number[];
  stop(): Promise<void>;
}

const SLOTS = 16_384;
const MOST_ATTEMPTS = 5;

class ServerEnded extends Error {}

/** Starts them anew where someone else took one of their ports between choosing and binding it. */
export async function startRedisServers(count: number, args: readonly string[] = []): Promise<RedisServers> {
  for (let attempt = 1; ; attempt += 1) {
    const servers = launch(await freePorts(preferredPorts(count)), args);
    try {
      await Promise.all(servers.ports.map((port, place) => answers(port, servers.children[place]!)));
      return servers;
    } catch (error) {
      await servers.stop();
      if (!(error instanceof ServerEnded) || attempt === MOST_ATTEMPTS) throw error;
    }
  }
}

/** Below the ports that the system gives away by itself, with room for the bus of a cluster 10,000 above; others for each test process. */
function preferredPorts(count: number): number[] {
  const first = 11_000 + (process.pid % 1000) * 10;
  return Array.from({ length: count }, (_, place) => first + place);
}

function launch(ports: number[], args: readonly string[]): RedisServers & { children: ChildProcess[] } {
  const { executable, libraries } = needPart('redis');
  const dir = mkdtempSync(join(tmpdir(), 'seine-redis-'));
  const env = { ...childEnvironment(process.env), ...(libraries !== undefined && { LD_LIBRARY_PATH: libraries }) };
  const children = ports.map((port) => {
    const common = ['--port', `${port}`, '--bind', '127.0.0.1', '--save', '', '--dir', dir];
    return spawn(executable, [...common, '--appendonly', 'no', ...args.map((arg) => arg.replace('PORT', `${port}`))], {
      env,
      stdio: 'ignore',
    });
  });
  return {
    ports,
    children,
    async stop() {
      await Promise.all(children.map(end));
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** A Redis Cluster of as many masters as there are servers, each with its share of the slots. */
export async function startRedisCluster(count: number): Promise<RedisServers> {
  const servers = await startRedisServers(count, [
    '--cluster-enabled',
    'yes',
    '--cluster-config-file',
    'nodes-PORT.conf',
  ]);
  const nodes = servers.ports.map((port) => new Redis(port, '127.0.0.1'));
  try {
    for (const [place, node] of nodes.entries()) {
      const [from, to] = [place, place + 1].map((share) => Math.floor((share * SLOTS) / count));
      await node.call('CLUSTER', 'ADDSLOTSRANGE', from!, to! - 1);
      await node.call('CLUSTER', 'MEET', '127.0.0.1', servers.ports[0]!);
    }
    await Promise.all(nodes.map(knowsAll));
    return servers;
  } catch (error) {
    await servers.stop();
    throw error;
  } finally {
    for (const node of nodes) node.disconnect();
  }

  async function knowsAll(node: Redis): Promise<void> {
    await until(async () => {
      const info = String(await node.call('CLUSTER', 'INFO'));
      return info.includes('cluster_state:ok') && info.includes(`cluster_known_nodes:${count}`);
    });
  }
}

export function connectCluster({ ports }: RedisServers): Cluster {
  return new Cluster(ports.map((port) => ({ host: '127.0.0.1', port })));
}

/** Waits until this very server answers: where another has its port, it ends at once. */
async function answers(port: number, child: ChildProcess): Promise<void> {
  const redis = new Redis(port, '127.0.0.1', { maxRetriesPerRequest: null });
  redis.on('error', () => undefined);
  try {
    await until(async () => {
      if (hasEnded(child)) throw new ServerEnded(`a Redis server of this test ended at once (port ${port})`);
      const server = await Promise.race([redis.info('server'), pause(1000).then(() => '')]);
      return server.includes(`process_id:${child.pid}\r\n`);
    });
  } finally {
    redis.disconnect();
  }
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error('the Redis servers of this test did not come up');
    await pause(50);
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (hasEnded(child)) return;
  await new Promise((resolve) => {
    child.once('exit', resolve);
    child.kill('SIGKILL');
  });
}

const hasEnded = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null;
