import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { workflowBundle } from '../../temporal/bundle.ts';
import { connectClient, connectWorkers } from '../../temporal/client.ts';
import { ensureSearchAttributes } from '../../temporal/search-attributes.ts';
import { createWorkers } from '../../temporal/worker.ts';
import type { WorkersOptions } from '../../temporal/worker.ts';
import { useStack } from './stack.ts';

export interface TestWorkers {
  client: Client;
  /** Stops the workers and closes their connections. */
  close(): Promise<void>;
}

/** Starts workers on the stack's Temporal server: the product's workflows, with these activities in place of an operator's. */
export async function startTestWorkers({
  hotkey,
  activities,
}: Pick<WorkersOptions, 'hotkey' | 'activities'>): Promise<TestWorkers> {
  const dir = await mkdtemp(join(tmpdir(), 'seine-workers-'));
  const access = { address: useStack().temporal, namespace: 'default', tls: false, apiKey: null };
  const [client, connection] = await Promise.all([connectClient(access), connectWorkers(access)]);
  await ensureSearchAttributes(client, 'default');
  const bundle = await workflowBundle(dir);
  const workers = await createWorkers({ connection, namespace: 'default', hotkey, bundle, activities });
  const running = workers.run();
  return {
    client,
    async close() {
      workers.shutdown();
      await running;
      await Promise.all([client.connection.close(), connection.close()]);
      await rm(dir, { recursive: true, force: true });
    },
  };
}
