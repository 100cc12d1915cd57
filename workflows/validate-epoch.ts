import { executeChild } from '@temporalio/workflow';
import type { EpochWindow, FollowActivities } from '../activities/follow.ts';
import type { ScoreActivities, ScoreResult } from '../activities/score.ts';
import { taskQueue } from '../src/core/queues.ts';
import { searchPairs } from '../src/core/search-attributes.ts';
import { pool } from './pools.ts';
import { validateMiner } from './validate-miner.ts';

export interface ValidateEpochInput {
  /** SS58 address of the validator. */
  hotkey: string;
  netuid: number;
  epoch: EpochWindow;
  fetchDeadlineBlocks: number;
}

const MINERS_AT_ONCE = 2;

/** Scores the commitments of one epoch, once their fetch deadline has passed, and sets weights. */
export async function validateEpoch(input: ValidateEpochInput): Promise<ScoreResult> {
  const { hotkey, netuid, epoch } = input;
  const chain = pool<FollowActivities & ScoreActivities>(hotkey, 'chain');
  const data = pool<ScoreActivities>(hotkey, 'data');

  const seedNumber = epoch.end + input.fetchDeadlineBlocks + 1;
  let seedBlock = await chain.finalBlock({ number: seedNumber });
  while (seedBlock === null) seedBlock = await chain.finalBlock({ number: seedNumber });

  const miners = await data.minersOf({ epoch });
  const findings: string[] = [];
  const block = seedBlock;
  const worker = async (): Promise<void> => {
    for (let miner = miners.shift(); miner !== undefined; miner = miners.shift()) {
      findings.push(
        await executeChild(validateMiner, {
          workflowId: `validate-${netuid}-${hotkey.slice(0, 8)}-${epoch.index}-${miner.slice(0, 8)}`,
          taskQueue: taskQueue(hotkey, 'control'),
          typedSearchAttributes: searchPairs({ role: 'validator', hotkey, netuid, epoch: epoch.index }),
          args: [{ validator: hotkey, draw: { hotkey: miner, epoch, seedBlock: block } }],
        }),
      );
    }
  };
  await Promise.all(Array.from({ length: MINERS_AT_ONCE }, worker));

  const scored = await data.scoreEpoch({ epoch, seedBlock, findings: [...findings].sort() });
  await chain.setWeights({ epoch: epoch.index, uids: scored.uids, values: scored.values, since: scored.since });
  return scored;
}
