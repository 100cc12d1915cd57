import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { Context } from '@temporalio/activity';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { createChallengeActivities } from '../activities/challenge.ts';
import type { ChallengeActivities } from '../activities/challenge.ts';
import type { ChallengeDeps } from '../activities/challenge/deps.ts';
import { canonicalJson } from '../src/core/canonical-json.ts';
import { taskQueue } from '../src/core/queues.ts';
import { searchPairs } from '../src/core/search-attributes.ts';
import { createClosedPeriods } from '../src/inference/challenge/closed-periods.ts';
import type { ClosedPeriod, InferencePeriods } from '../src/inference/challenge/closed-periods.ts';
import { createKeptAnswers } from '../src/inference/challenge/kept-answers.ts';
import { createOutcomeLog } from '../src/inference/challenge/outcome-log.ts';
import { createPeriodState } from '../src/inference/challenge/period-state.ts';
import { createHttpTaskClient } from '../src/inference/client/http-task-client.ts';
import { createMinerHttp } from '../src/inference/client/miner-http.ts';
import type { PromptHistory } from '../src/inference/prompts/prompt-history.ts';
import { createRedisPromptHistory } from '../src/inference/prompts/redis-prompt-history.ts';
import type { MakeRequest } from '../src/inference/prompts/request-maker.ts';
import { enabledTasks } from '../src/inference/tasks/registry.ts';
import type { Task } from '../src/inference/tasks/task.ts';
import type { PinnedTasks } from '../src/inference/tasks/task-file.ts';
import { heartbeat } from './crawling.ts';
import type { Operator } from './operator.ts';

/** What a validator challenges miners with. */
export interface ChallengeOptions extends Pick<
  ChallengeDeps,
  'unitsOf' | 'recipe' | 'checkAnswer' | 'owedTerms' | 'windowPeriods' | 'requestsPerMinute' | 'checksPerMinute'
> {
  /** The subnet's tasks as they stand now. */
  tasks: () => PinnedTasks;
  /** Makes requests whose prompts the history has not seen. */
  requestMaker: (history: PromptHistory) => MakeRequest;
  /** Closes what prompts and checks are made with. */
  close: () => Promise<void>;
}

export interface Challenging {
  activities: ChallengeActivities;
  /** What is known of miners, for scoring. */
  periods: InferencePeriods;
  /** Starts what is not running yet, a workflow for each length of period that a task has; gives their ids. */
  start: () => Promise<string[]>;
  close: () => Promise<void>;
}

/** Puts together what challenges miners. */
export function createChallenging(
  operator: Operator,
  options: ChallengeOptions & { isAllowedPeer: (address: string) => boolean },
): Challenging {
  const { signer, netuid, state: redis, chain, store, client, home } = operator;
  const hotkey = signer.address;
  const http = createMinerHttp({ signer, isAllowedAddress: options.isAllowedPeer });
  const asking = createHttpTaskClient(http);
  const enabled = (): Task[] => enabledTasks(options.tasks().list);
  const closed = createClosedPeriods({
    ...{ redis, hotkey, windowPeriods: options.windowPeriods },
    put: (period) => store.put(new TextEncoder().encode(canonicalJson(period))),
    get: async (digest) => JSON.parse(new TextDecoder().decode(await store.get(digest))) as ClosedPeriod,
  });
  const activities = createChallengeActivities({
    ...options,
    ...{ chain, signer, netuid, store, http, client: asking, closed, heartbeat },
    tasks: enabled,
    makeRequest: options.requestMaker(createRedisPromptHistory({ redis, hotkey })),
    log: createOutcomeLog({ redis, hotkey }),
    state: (periodMs) => createPeriodState({ redis, hotkey, periodMs }),
    kept: createKeptAnswers(join(home, 'challenge')),
    ...{ randomSecret: () => randomBytes(32), now: Date.now },
    cancelled: () => Context.current().cancellationSignal,
  });

  const start = async (periodMs: number): Promise<string> => {
    const workflowId = `challenge-${netuid}-${hotkey.slice(0, 8)}-${periodMs}`;
    try {
      await client.workflow.start('challengeMiners', {
        workflowId,
        taskQueue: taskQueue(hotkey, 'control'),
        typedSearchAttributes: searchPairs({ role: 'validator', hotkey, netuid }),
        args: [{ hotkey, netuid, periodMs }],
      });
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    }
    return workflowId;
  };
  return {
    ...{ activities, periods: closed },
    start: () => {
      const lengths = [...new Set(enabled().map(({ period_ms }) => period_ms))];
      return Promise.all(lengths.sort((a, b) => a - b).map(start));
    },
    async close() {
      await Promise.all([asking.close(), options.close()]);
    },
  };
}
