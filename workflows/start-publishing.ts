import { ParentClosePolicy, getExternalWorkflowHandle, startChild } from '@temporalio/workflow';
import { taskQueue } from '../src/core/queues.ts';
import { searchPairs } from '../src/core/search-attributes.ts';
import { publishCommit, sealed } from './publish-commit.ts';
import type { PublishCommitInput } from './publish-commit.ts';

const MOST_TRIES = 5;

/** Has the manifests that wait published by the hotkey's one publisher: wakes it where it is at work, and starts it where not. */
export async function startPublishing({ hotkey, netuid }: PublishCommitInput): Promise<void> {
  const workflowId = `publish-${netuid}-${hotkey.slice(0, 8)}`;
  for (let tries = 1; ; tries += 1) {
    try {
      await startChild(publishCommit, {
        workflowId,
        taskQueue: taskQueue(hotkey, 'control'),
        parentClosePolicy: ParentClosePolicy.ABANDON,
        typedSearchAttributes: searchPairs({ role: 'miner', hotkey, netuid }),
        args: [{ hotkey, netuid }],
      });
      return;
    } catch (error) {
      if (!(error instanceof Error) || error.name !== 'WorkflowExecutionAlreadyStartedError') throw error;
    }
    try {
      await getExternalWorkflowHandle(workflowId).signal(sealed);
      return;
    } catch (error) {
      // It has ended since, perhaps before it saw the newest manifest: then it can be started.
      if (tries === MOST_TRIES) throw error;
    }
  }
}
