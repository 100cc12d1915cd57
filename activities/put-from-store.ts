import type { Digest } from '../src/core/manifest.ts';
import { ObjectMissing } from '../src/datasets/errors.ts';
import type { ObjectStore } from '../src/datasets/storage.ts';
import type { ObjectStorage } from '../src/datasets/storage/object-storage.ts';

/** Has a copy of a stored object in the storage, private unless it was released before. @throws ObjectMissing */
export async function putFromStore(
  { store, storage }: { store: Pick<ObjectStore, 'path'>; storage: Pick<ObjectStorage, 'putFile'> },
  digest: Digest,
): Promise<void> {
  const path = store.path(digest);
  if (path === null) throw new ObjectMissing(digest);
  await storage.putFile(path);
}
