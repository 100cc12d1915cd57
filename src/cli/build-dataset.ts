import { connectClient, type TemporalAccess } from '../../temporal/client.ts';
import { isServed } from '../../temporal/served.ts';
import type { BuildDatasetInput, buildDataset as buildDatasetWorkflow } from '../../workflows/build-dataset.ts';
import { SeineError } from '../core/errors.ts';
import { taskQueue } from '../core/queues.ts';
import { searchPairs } from '../core/search-attributes.ts';
import type { DatasetResult } from '../datasets/build.ts';
import type { Output } from './output.ts';

/** No validator works for this hotkey, so that nobody would take the task. */
class ValidatorNotRunning extends SeineError {
  constructor(hotkey: string, queue: string) {
    super(
      'ValidatorNotRunning',
      `no validator of ${hotkey} is running: start "seine validator" with the same settings`,
      {
        details: { hotkey, queue },
        exitCode: 3,
      },
    );
  }
}

/** Has the running validator of this hotkey publish a dataset, and waits for it. The same dataset is never built twice at once. */
export async function buildDataset(
  where: { temporal: TemporalAccess; netuid: number },
  input: BuildDatasetInput,
  out: Output,
): Promise<DatasetResult> {
  const { hotkey } = input;
  const client = await connectClient(where.temporal);
  const queue = taskQueue(hotkey, 'control');
  try {
    if (!(await isServed(client, queue))) throw new ValidatorNotRunning(hotkey, queue);
    const workflowId = `dataset-${where.netuid}-${hotkey.slice(0, 8)}-${input.recipe.name}`;
    out.progress({ step: `building ${input.recipe.name} by workflow ${workflowId}` });
    return await client.workflow.execute<typeof buildDatasetWorkflow>('buildDataset', {
      workflowId,
      taskQueue: queue,
      typedSearchAttributes: searchPairs({ role: 'validator', hotkey, netuid: where.netuid }),
      args: [input],
    });
  } finally {
    await client.connection.close();
  }
}
