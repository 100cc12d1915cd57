import { Context } from '@temporalio/activity';
import { createCollectActivities } from '../activities/collect.ts';
import { createDatasetActivities } from '../activities/dataset.ts';
import { createExamineActivities } from '../activities/examine.ts';
import { createFollowActivities } from '../activities/follow.ts';
import { createScoreActivities } from '../activities/score.ts';
import { createEvidenceLog } from '../src/commit/evidence-log.ts';
import { openCommitIndex } from '../src/commit/indexer/commit-index.ts';
import { createIndexer } from '../src/commit/indexer/indexer.ts';
import { createJudgedCommits } from '../src/commit/judged-commits.ts';
import { taskQueue } from '../src/core/queues.ts';
import type { DataRecord } from '../src/core/record.ts';
import { searchPairs } from '../src/core/search-attributes.ts';
import { jobOf } from '../src/core/wanted.ts';
import { createOwners } from '../src/dedup/owners.ts';
import { isByBrowser, respot } from '../src/scrapers/respot.ts';
import { canonicalizeUrl } from '../src/scrapers/web/canonical-url.ts';
import type { ScoringParameters } from '../src/scoring/parameters.ts';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { createCrawling, heartbeat } from './crawling.ts';
import type { CrawlingOptions } from './crawling.ts';
import { createHealth } from './health.ts';
import type { Operator } from './operator.ts';
import { scheduleHealth } from './schedules.ts';
import { createWorkers } from './worker.ts';
import type { Workers } from './worker.ts';

export interface ValidatorOptions extends CrawlingOptions {
  parameters: ScoringParameters;
  /** Rows that a hotkey may commit in one manifest. */
  allowanceRows: number;
  isAllowedPeer: (address: string) => boolean;
}

export interface Validator {
  workers: Workers;
  /** Starts the watch over the subnet unless it runs already; gives its workflow id. */
  watch(): Promise<string>;
  /** Creates the schedules that are missing; gives the ids of all. */
  schedule(): Promise<string[]>;
  close(): Promise<void>;
}

/** Puts a validator together. */
export async function createValidator(operator: Operator, options: ValidatorOptions): Promise<Validator> {
  const { signer, netuid, index, chain, store, wanted, client } = operator;
  const { parameters, allowanceRows, isAllowedPeer } = options;
  const hotkey = signer.address;
  const crawling = createCrawling(operator, options);
  const owners = createOwners({ redis: index, hotkey });
  const commits = await openCommitIndex({ url: operator.redisIndexUrl, hotkey, netuid });
  const indexer = createIndexer({ chain, index: commits, netuid });
  const judged = createJudgedCommits({ redis: index, index: commits, hotkey, netuid });
  const evidence = createEvidenceLog({ redis: index, hotkey, netuid });
  const shared = { chain, signer, netuid, store, judged, owners, evidence, wanted, parameters, heartbeat };

  const follow = createFollowActivities({
    ...shared,
    ...{ index: commits, indexer, cancelled: () => Context.current().cancellationSignal },
  });
  const collect = createCollectActivities({
    ...shared,
    index: commits,
    ...{ allowanceRows, isAllowedPeer, canonicalId },
    fetchDeadlineBlocks: parameters.fetch_deadline_blocks,
    maxUnanchored: parameters.max_unanchored,
  });
  const examine = createExamineActivities({
    ...shared,
    canonicalId,
    validator: hotkey,
    respot: async (row) => {
      const job = jobOf(wanted, row);
      if (job === null) return { outcome: 'unreachable', reason: 'not_wanted' };
      return await respot(crawling.of(job), row, job);
    },
    needsBrowser: isByBrowser,
    heartbeatDetails: () => Context.current().info.heartbeatDetails as unknown,
  });
  const score = createScoreActivities(shared);
  const dataset = createDatasetActivities({ ...shared, canonicalId });
  const workers = await createWorkers({
    connection: operator.connection,
    namespace: operator.temporal.namespace,
    hotkey,
    bundle: operator.bundle,
    activities: {
      http: { ...collect, ...examine },
      browser: examine,
      data: { ...collect, ...examine, ...score, ...dataset },
      chain: { ...follow, ...score, ...createHealth(operator, 'validator', null) },
    },
  });
  return {
    workers,
    async watch() {
      const workflowId = `watch-${netuid}-${hotkey.slice(0, 8)}`;
      try {
        await client.workflow.start('watchCommitments', {
          workflowId,
          taskQueue: taskQueue(hotkey, 'control'),
          typedSearchAttributes: searchPairs({ role: 'validator', hotkey, netuid }),
          args: [{ hotkey, netuid, fetchDeadlineBlocks: parameters.fetch_deadline_blocks }],
        });
      } catch (error) {
        if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      }
      return workflowId;
    },
    async schedule() {
      const { everyMinutes } = operator.alerts;
      return [await scheduleHealth(client, { hotkey, netuid, role: 'validator', everyMinutes })];
    },
    async close() {
      await Promise.all([crawling.close(), commits.close()]);
    },
  };
}

/** The id that a row of this URL must have. */
function canonicalId(row: DataRecord): string | null {
  const url = canonicalizeUrl(row.url);
  return url === null || url !== row.url ? null : `web:${url}`;
}
