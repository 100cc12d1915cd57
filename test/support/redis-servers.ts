import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

export async function startRedisServers(count: number, args: readonly string[] = []): Promise<RedisServers> {
  const { executable, libraries } = needPart('redis');
  const dir = mkdtempSync(join(tmpdir(), 'seine-redis-'));
  const env = { ...childEnvironment(process.env), ...(libraries !== undefined && { LD_LIBRARY_PATH: libraries }) };
  const ports = await freePorts(Array.from({ length: count }, (_, place) => 17_300 + place));
  const children = ports.map((port) => {
    const common = ['--port', `${port}`, '--bind', '127.0.0.1', '--save', '', '--dir', dir];
    return spawn(executable, [...common, '--appendonly', 'no', ...args.map((arg) => arg.replace('PORT', `${port}`))], {
      env,
      stdio: 'ignore',
    });
  });
  const servers = {
    ports,
    async stop() {
      await Promise.all(children.map(end));
      rmSync(dir, { recursive: true, force: true });
    },
  };
  try {
    await Promise.all(ports.map(answers));
    return servers;
  } catch (error) {
    await servers.stop();
    throw error;
  }
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

async function answers(port: number): Promise<void> {
  const redis = new Redis(port, '127.0.0.1', { maxRetriesPerRequest: null });
  redis.on('error', () => undefined);
  try {
    await until(async () => (await redis.ping()) === 'PONG');
  } finally {
    redis.disconnect();
  }
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error('the Redis servers of this test did not come up');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  await new Promise((resolve) => {
    child.once('exit', resolve);
    child.kill('SIGKILL');
  });
}
