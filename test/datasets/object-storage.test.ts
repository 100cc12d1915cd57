import { join } from 'node:path';
import { createFolderBucket } from '../../src/datasets/storage/folder-bucket.ts';
import { storageContract } from '../contracts/storage.ts';
import { tempDir } from './temp-dir.ts';

const dir = tempDir();

storageContract('object storage in folders', () =>
  Promise.resolve({
    drafts: createFolderBucket(join(dir, 'drafts')),
    released: createFolderBucket(join(dir, 'released')),
  }),
);
