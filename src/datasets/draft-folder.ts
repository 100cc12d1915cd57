import { open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { DatasetExists } from './errors.ts';

/** Puts the draft in its place; a dataset of the same manifest that stands there already is it. */
export async function settle(draft: string, outDir: string, manifest: string): Promise<void> {
  try {
    await rename(draft, outDir);
  } catch (error) {
    const standing = await readFile(join(outDir, 'manifest.json'), 'utf8').catch(() => null);
    if (standing === null && !isTaken(error)) throw error;
    if (standing !== manifest) throw new DatasetExists(outDir);
  }
}

function isTaken(error: unknown): boolean {
  return ['ENOTEMPTY', 'EEXIST', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '');
}

/** Writes a file that is on disk when the promise resolves. */
export async function writeText(path: string, text: string): Promise<void> {
  const file = await open(path, 'w');
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}
