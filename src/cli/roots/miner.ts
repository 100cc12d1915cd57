import { cryptoWaitReady } from '@polkadot/util-crypto';
import { createMiner } from '../../../temporal/miner.ts';
import { openOperator } from '../../../temporal/operator.ts';
import type { Settings } from '../../config/load.ts';
import { mayAsk } from '../../commit/mirror.ts';
import type { Outbox } from '../../commit/outbox.ts';
import type { Chain } from '../../commit/chain-port.ts';
import { startMetricsServer } from '../../net/metrics-server.ts';
import { createObjectHandler } from '../../net/object-handler.ts';
import type { ServeDecision } from '../../net/object-handler.ts';
import { createSeenIds } from '../../net/seen-ids.ts';
import type { Output } from '../output.ts';
import { openObjectStorage } from './object-storage.ts';
import { allowedPeers, crawlingOptions, operatorOptions } from './operator-options.ts';
import { openInference } from './serve-inference.ts';
import { serveMiner } from './serve-miner.ts';
import { effectiveJobs } from './voted-jobs.ts';

/** Runs a miner until the signal: its workers, its schedules and the server of its bytes. */
export async function runMiner(
  settings: Settings,
  out: Output,
  env: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
): Promise<void> {
  const { values } = settings;
  const options = await operatorOptions(settings, out);
  const place = await openObjectStorage(settings, options.home);
  const opened = await openOperator(options);
  const wanted = await effectiveJobs(settings, opened.chain, opened.wanted, out);
  const operator = { ...opened, wanted };
  const hotkey = operator.signer.address;
  const fetchDeadlineBlocks = values['parameters.fetch_deadline_blocks'];
  const miner = await createMiner(operator, {
    ...crawlingOptions(settings, env),
    seeds: values['miner.seeds'],
    locator: values['miner.locator'],
    storage: place?.storage ?? null,
    maxUnanchored: values['parameters.max_unanchored'],
    scheduleSeconds: values['miner.schedule_seconds'],
    scheduleRuns: values['miner.schedule_runs'],
    batchPages: values['miner.batch_pages'],
    parallelBatches: values['miner.parallel_batches'],
    fetchDeadlineBlocks,
    isAllowedPeer: allowedPeers(settings),
    copier: values['dev.enabled'] && values['dev.copier'],
  });
  const log = (message: string, details: Readonly<Record<string, unknown>>): void => {
    out.line(`${message} ${JSON.stringify(details)}`);
  };
  const { signer, state, chain } = operator;
  const seen = createSeenIds({ redis: state, hotkey, now: Date.now });
  const { registry } = miner.metrics;
  await cryptoWaitReady();
  const inference = await openInference(settings, { signer, state, chain, seen, registry, env, log });
  const objects = createObjectHandler({
    ...{ hotkey, seen, log },
    mayServe: servePolicy(miner.outbox, chain, values.netuid, fetchDeadlineBlocks),
    open: (digest) => operator.store.open(digest).catch(() => null),
  });
  const server = await serveMiner(settings, { hotkey, objects, inference, log });
  const metrics =
    values['metrics.port'] === 0
      ? null
      : await startMetricsServer(
          { contentType: registry.contentType, read: () => registry.metrics() },
          { host: values['metrics.host'], port: values['metrics.port'] },
        );
  const ip = values['miner.public_ip'] ?? '127.0.0.1';
  await operator.chain.serveAxon({ netuid: values.netuid, ip, port: server.port, signer: operator.signer });
  let closing: Promise<void> | null = null;
  const closeServer = (): Promise<void> => (closing ??= server.close());
  signal.addEventListener('abort', () => {
    miner.workers.shutdown();
    // Beside the workers: both take their time to end what is under way.
    void closeServer();
  });
  const running = miner.workers.run();
  const schedules = await miner.schedule();
  out.line(`miner ${hotkey}: serving on ${ip}:${server.port}, schedules ${schedules.join(', ')}`);
  try {
    await running;
  } finally {
    await closeServer();
    await inference?.close();
    await metrics?.close();
    await miner.close();
    await operator.close();
    place?.close();
  }
}

/**
 * Who may have an object (DESIGN.md, rule 2): nobody before its commitment is final, then validators with a permit, and everybody once
 * the fetch deadline has passed.
 */
export function servePolicy(
  outbox: Outbox,
  chain: Pick<Chain, 'finalized' | 'metagraph'>,
  netuid: number,
  fetchDeadlineBlocks: number,
): (digest: string, caller: string) => Promise<ServeDecision> {
  return async (digest, caller) => {
    const block = await outbox.releasedAt(digest);
    if (block === null) return { allowed: false, reason: 'not_served', status: 404 };
    if ((await chain.finalized()).number > block + fetchDeadlineBlocks) return { allowed: true };
    return await mayAsk(chain, netuid, caller);
  };
}
