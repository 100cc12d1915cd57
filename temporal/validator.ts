import { Context } from '@temporalio/activity';
import { createCollectActivities } from '../activities/collect.ts';
import { createDatasetActivities } from '../activities/dataset.ts';
import { createExamineActivities } from '../activities/examine.ts';
import { createFollowActivities } from '../activities/follow.ts';
import { createObjectSources } from '../activities/object-sources.ts';
import type { ObjectSourcesDeps } from '../activities/object-sources.ts';
import { createScoreActivities } from '../activities/score.ts';
import type { InferenceFindings } from '../activities/score.ts';
import { createStatementActivities } from '../activities/statements.ts';
import { createWithdrawActivities } from '../activities/withdraw.ts';
import { createEvidenceLog } from '../src/commit/evidence-log.ts';
import { openCommitIndex } from '../src/commit/indexer/commit-index.ts';
import { createIndexer } from '../src/commit/indexer/indexer.ts';
import { createJudgedCommits } from '../src/commit/judged-commits.ts';
import { createMirror } from '../src/commit/mirror.ts';
import type { Mirror } from '../src/commit/mirror.ts';
import { createStatements } from '../src/commit/statements.ts';
import type { Statements } from '../src/commit/statements.ts';
import { logJudgements } from '../src/commit/verdict-log/logged-judgements.ts';
import { createVerdictLog } from '../src/commit/verdict-log/verdict-log.ts';
import { canonicalJson } from '../src/core/canonical-json.ts';
import { taskQueue } from '../src/core/queues.ts';
import type { DataRecord } from '../src/core/record.ts';
import { searchPairs } from '../src/core/search-attributes.ts';
import { hostOf, jobOf } from '../src/core/wanted.ts';
import { createOwners } from '../src/dedup/owners.ts';
import { createControlRows } from '../src/scrapers/control-rows.ts';
import { isByBrowser, respot } from '../src/scrapers/respot.ts';
import type { Observation } from '../src/scrapers/respot.ts';
import { canonicalId, isCrawlSource } from '../src/scrapers/sources.ts';
import type { ScoringParameters } from '../src/scoring/parameters.ts';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { createChallenging } from './challenging.ts';
import type { Challenging, ChallengeOptions } from './challenging.ts';
import { createCrawling, heartbeat } from './crawling.ts';
import type { CrawlingOptions } from './crawling.ts';
import { createHealth } from './health.ts';
import type { Operator } from './operator.ts';
import { scheduleHealth } from './schedules.ts';
import { createWorkers } from './worker.ts';
import type { Workers } from './worker.ts';

export interface ValidatorOptions extends CrawlingOptions {
  parameters: ScoringParameters;
  isAllowedPeer: (address: string) => boolean;
  /** Where and by which clients objects at locators are read. */
  objects: Pick<ObjectSourcesDeps, 'places' | 'fetch'>;
  /** What miners are challenged with; null: none is. */
  inference: ChallengeOptions | null;
}

export interface Validator {
  workers: Workers;
  /** What it has for other validators, and what it says to them. */
  mirror: Mirror;
  statements: Statements;
  /** Starts the watch over the subnet unless it runs already; gives its workflow id. */
  watch(): Promise<string>;
  /** Starts challenging miners where that is not running yet; again once tasks have changed. Gives the workflow ids. */
  challenge(): Promise<string[]>;
  /** Creates the schedules that are missing; gives the ids of all. */
  schedule(): Promise<string[]>;
  close(): Promise<void>;
}

/** Puts a validator together. */
export async function createValidator(operator: Operator, options: ValidatorOptions): Promise<Validator> {
  const { signer, netuid, index, state, chain, store, wanted, client } = operator;
  const { parameters, isAllowedPeer } = options;
  const hotkey = signer.address;
  const crawling = createCrawling(operator, options);
  const owners = createOwners({ redis: index, hotkey, renewedAfterBlocks: parameters.renewed_after_blocks });
  const commits = await openCommitIndex({ url: operator.redisIndexUrl, hotkey, netuid });
  const indexer = createIndexer({ chain, index: commits, netuid });
  const log = createVerdictLog({ redis: state, signer, netuid });
  const mirror = createMirror({ redis: state, hotkey, keptBlocks: parameters.mirror_blocks });
  const statements = createStatements({ redis: state, signer, netuid });
  const judged = logJudgements(createJudgedCommits({ redis: index, index: commits, hotkey, netuid }), {
    ...{ log, mirror, timestamp: (blockHash: string) => chain.timestamp(blockHash) },
    wanted: await store.put(new TextEncoder().encode(canonicalJson(wanted))),
  });
  const evidence = createEvidenceLog({ redis: index, hotkey, netuid });
  const shared = { chain, signer, netuid, store, judged, owners, evidence, wanted, parameters, heartbeat };

  const follow = createFollowActivities({
    ...shared,
    ...{ index: commits, indexer, cancelled: () => Context.current().cancellationSignal },
  });
  const collect = createCollectActivities({
    ...shared,
    ...{ index: commits, mirror, canonicalId },
    getObject: createObjectSources({ ...shared, ...options.objects, isAllowedPeer }),
    fetchDeadlineBlocks: parameters.fetch_deadline_blocks,
    maxUnanchored: parameters.max_unanchored,
    allowanceRows: parameters.allowance_rows,
    allowanceBytes: parameters.allowance_bytes,
  });
  const again = async (row: DataRecord): Promise<Observation> => {
    const job = jobOf(wanted, row);
    if (job !== null) return await respot(crawling.visitsOf(job), row, job);
    // Included though unpaid: it must hold as well. Only what a browser showed can't be looked at again.
    if (isByBrowser(row) || !URL.canParse(row.url)) return { outcome: 'unreachable', reason: 'not_wanted' };
    if (!isCrawlSource(row.source)) return { outcome: 'unreachable', reason: 'source_unknown' };
    return await respot(crawling.ofNone(row.source), row, { hosts: [hostOf(row.url)] });
  };
  const examine = createExamineActivities({
    ...shared,
    canonicalId,
    ...{ validator: hotkey, respot: again, needsBrowser: isByBrowser },
    controls: createControlRows({ redis: index, hotkey, now: Date.now }),
    heartbeatDetails: () => Context.current().info.heartbeatDetails as unknown,
  });
  const challenging =
    options.inference === null ? null : createChallenging(operator, { ...options.inference, isAllowedPeer });
  const score = createScoreActivities({ ...shared, inference: findingsOf(challenging, options.inference) });
  const speaking = { ...shared, log, mirror, statements, isAllowedPeer };
  const statement = createStatementActivities(speaking);
  const withdraw = createWithdrawActivities({
    ...{ ...speaking, respot: again, needsBrowser: isByBrowser },
    sampleRows: parameters.sample_rows,
  });
  const dataset = createDatasetActivities({ ...shared, canonicalId });
  const challenge = challenging?.activities;
  const workers = await createWorkers({
    connection: operator.connection,
    namespace: operator.temporal.namespace,
    hotkey,
    bundle: operator.bundle,
    activities: {
      http: { ...collect, ...examine, ...statement, ...withdraw, ...challenge },
      browser: { ...examine, ...withdraw },
      data: { ...collect, ...examine, ...score, ...statement, ...dataset, ...challenge },
      chain: { ...follow, ...score, ...createHealth(operator, 'validator', null), ...challenge },
      ...(challenge === undefined ? {} : { inference: challenge }),
    },
  });
  return {
    ...{ workers, mirror, statements },
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
    challenge: () => challenging?.start() ?? Promise.resolve([]),
    async schedule() {
      const { everyMinutes } = operator.alerts;
      return [await scheduleHealth(client, { hotkey, netuid, role: 'validator', everyMinutes })];
    },
    async close() {
      await Promise.all([crawling.close(), commits.close(), challenging?.close()]);
    },
  };
}

/** What scoring takes of challenges; null where nobody is challenged. */
function findingsOf(challenging: Challenging | null, options: ChallengeOptions | null): InferenceFindings | null {
  if (challenging === null || options === null) return null;
  return { records: challenging.periods.upTo, tasks: options.tasks };
}
