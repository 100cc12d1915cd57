import type { BuildInput, DatasetActivities } from '../activities/dataset.ts';
import type { DatasetResult } from '../src/datasets/build.ts';
import { pool } from './pools.ts';

export interface BuildDatasetInput extends BuildInput {
  /** SS58 address of the validator whose index is read. */
  hotkey: string;
}

/** Publishes a validator's owned, valid rows as a dataset. */
export async function buildDataset(input: BuildDatasetInput): Promise<DatasetResult> {
  const { hotkey, ...build } = input;
  const data = pool<DatasetActivities>(hotkey, 'data');
  return await data.buildDataset(build);
}
