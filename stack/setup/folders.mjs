import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * Fills a folder that is either absent or whole: `fill` works in a temporary folder beside it, which is then renamed.
 * @param {string} folder
 * @param {(draft: string) => Promise<void>} fill
 */
export async function fillFolder(folder, fill) {
  mkdirSync(dirname(folder), { recursive: true });
  const draft = mkdtempSync(`${folder}.draft-`);
  try {
    await fill(draft);
    if (!existsSync(folder)) renameSync(draft, folder);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

/** Drops what an interrupted set-up left. To be called under the set-up lock. */
export function dropDrafts(parent) {
  if (!existsSync(parent)) return;
  for (const name of readdirSync(parent)) {
    if (name.includes('.draft-')) rmSync(join(parent, name), { recursive: true, force: true });
  }
}

/** Size of all files below a folder, in bytes. */
export function sizeBytesOf(folder) {
  const entries = readdirSync(folder, { withFileTypes: true, recursive: true });
  const files = entries.filter((entry) => entry.isFile());
  return files.reduce((sum, entry) => sum + statSync(join(entry.parentPath ?? entry.path, entry.name)).size, 0);
}
