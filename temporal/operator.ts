import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import type { NativeConnection } from '@temporalio/worker';
import type { Redis } from 'ioredis';
import type { Signer } from '../src/core/chain.ts';
import type { WantedList } from '../src/core/wanted.ts';
import type { Chain } from '../src/commit/chain-port.ts';
import { connectChain } from '../src/commit/subtensor/client.ts';
import { createFileStore } from '../src/datasets/storage.ts';
import type { ObjectStore } from '../src/datasets/storage.ts';
import { connectRedis } from '../src/redis/connect.ts';
import { workflowBundle } from './bundle.ts';
import { connectClient, connectWorkers } from './client.ts';
import type { TemporalAccess } from './client.ts';
import type { AlertOptions } from './health.ts';
import { ensureSearchAttributes } from './search-attributes.ts';

/** Where an operator's parts are and what it works with; every value comes from settings. */
export interface OperatorOptions {
  signer: Signer;
  netuid: number;
  /** Folder of this operator's objects and scratch files. */
  home: string;
  /** Folder of workflow bundles; operators of one machine may share it. */
  cacheDir: string;
  temporal: TemporalAccess;
  /** `host:port` on which Prometheus reads how the workers fare; null: none. */
  workerMetrics: string | null;
  redisIndexUrl: string;
  redisStateUrl: string;
  /** Nodes of the chain, each taken when those before it are away. */
  chainEndpoints: readonly string[];
  /** Node that keeps the state of all blocks; null: none. */
  chainArchive: string | null;
  wanted: WantedList;
  alerts: AlertOptions;
  log: (line: string) => void;
}

/** The connections that a miner's or validator's workers share. */
export interface Operator extends OperatorOptions {
  client: Client;
  connection: NativeConnection;
  index: Redis;
  state: Redis;
  chain: Chain;
  store: ObjectStore;
  /** Folder for files while they are written. */
  scratch: string;
  bundle: string;
  close(): Promise<void>;
}

export async function openOperator(options: OperatorOptions): Promise<Operator> {
  const scratch = join(options.home, 'scratch');
  await mkdir(scratch, { recursive: true });
  const [client, connection, index, state, chain, bundle] = await Promise.all([
    connectClient(options.temporal),
    connectWorkers(options.temporal, options.workerMetrics),
    connectRedis(options.redisIndexUrl),
    connectRedis(options.redisStateUrl),
    connectChain({
      endpoints: [...options.chainEndpoints],
      ...(options.chainArchive === null ? {} : { archive: options.chainArchive }),
      log: options.log,
    }),
    workflowBundle(options.cacheDir),
  ]);
  await ensureSearchAttributes(client, options.temporal.namespace);
  return {
    ...options,
    ...{ client, connection, index, state, chain, scratch, bundle },
    store: createFileStore(join(options.home, 'objects')),
    async close() {
      await Promise.allSettled([client.connection.close(), connection.close(), chain.close()]);
      index.disconnect();
      state.disconnect();
    },
  };
}
