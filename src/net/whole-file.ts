import { randomUUID } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';

export type WriteChunk = (chunk: Uint8Array) => Promise<void>;

/** A file of what `receive` writes: at `path` when that has resolved, and nowhere when it rejects. Gives what `receive` gave. */
export async function writeWholeFile<T>(path: string, receive: (write: WriteChunk) => Promise<T>): Promise<T> {
  const partial = `${path}.${randomUUID()}.part`;
  const file = await open(partial, 'wx');
  try {
    const result = await receive((chunk) => file.writeFile(chunk));
    await file.sync();
    await file.close();
    await rename(partial, path);
    return result;
  } catch (error) {
    await file.close();
    await rm(partial, { force: true });
    throw error;
  }
}
