import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { copyFile, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Bucket } from './bucket.ts';

/** A bucket in a folder of this machine, or of one that is mounted here: `<dir>/<name>`. */
export function createFolderBucket(dir: string): Bucket {
  return {
    place: dir,
    async size(name) {
      const found = await stat(join(dir, name)).catch(() => null);
      return found?.isFile() === true ? found.size : null;
    },
    // `end` of a stream is its last byte.
    read: (name, range) =>
      createReadStream(
        join(dir, name),
        range && { start: range.start, end: range.end - 1 },
      ) as AsyncIterable<Uint8Array>,
    async writeFile(name, path) {
      await mkdir(dir, { recursive: true });
      const draft = join(dir, `.${randomUUID()}`);
      try {
        await copyFile(path, draft);
        await sync(draft);
        await rename(draft, join(dir, name));
        await sync(dirname(join(dir, name)));
      } finally {
        await rm(draft, { force: true });
      }
    },
    remove: (name) => rm(join(dir, name), { force: true }),
  };
}

/** So that a power cut leaves nothing half written under a name. */
async function sync(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
