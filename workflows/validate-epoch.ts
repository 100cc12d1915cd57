import { executeChild } from '@temporalio/workflow';
import type { EpochWindow, FollowActivities } from '../activities/follow.ts';
import type { ScoreActivities, ScoreResult } from '../activities/score.ts';
import type { StatementActivities } from '../activities/statements.ts';
import type { WithdrawActivities } from '../activities/withdraw.ts';
import { taskQueue } from '../src/core/queues.ts';
import { searchPairs } from '../src/core/search-attributes.ts';
import { collectCommit } from './collect-commit.ts';
import { pool } from './pools.ts';
import { validateMiner } from './validate-miner.ts';

export interface ValidateEpochInput {
  /** SS58 address of the validator. */
  hotkey: string;
  netuid: number;
  epoch: EpochWindow;
  fetchDeadlineBlocks: number;
}

/** Their samples wait for sites most of the time: a slow one should keep few others waiting. */
const MINERS_AT_ONCE = 8;
const EPOCHS_BACK = 2;

/** Scores the commitments of one epoch, once their fetch deadline has passed, and sets weights. */
export async function validateEpoch(input: ValidateEpochInput): Promise<ScoreResult> {
  const { hotkey, netuid, epoch } = input;
  const chain = pool<FollowActivities & ScoreActivities>(hotkey, 'chain');
  const data = pool<ScoreActivities & StatementActivities>(hotkey, 'data');
  const http = pool<StatementActivities>(hotkey, 'http');

  const seedNumber = epoch.end + input.fetchDeadlineBlocks + 1;
  let seedBlock = await chain.finalBlock({ number: seedNumber });
  while (seedBlock === null) seedBlock = await chain.finalBlock({ number: seedNumber });

  const { missed } = await http.reconcileAvailability({ epoch, seedBlock });
  for (const commit of missed) await collectCommit({ hotkey, commit });

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

  findings.sort();
  const scored = await data.scoreEpoch({ epoch, seedBlock, findings });
  await data.sayInvalid({ epoch, findings, seedBlock });
  await chain.setWeights({ epoch: epoch.index, uids: scored.uids, values: scored.values, since: scored.since });
  await agreeOnInvalid(hotkey, epoch.index);
  return scored;
}

/** Other validators may say later what they found: the epochs before are looked at again. */
async function agreeOnInvalid(hotkey: string, newest: number): Promise<void> {
  for (let epoch = Math.max(newest - EPOCHS_BACK, 0); epoch <= newest; epoch += 1) {
    for (const queue of ['http', 'browser'] as const) {
      await pool<WithdrawActivities>(hotkey, queue).confirmInvalid({ epoch, queue });
    }
    await pool<WithdrawActivities>(hotkey, 'http').withdrawInvalid({ epoch });
  }
}
