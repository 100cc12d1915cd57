import { readFile, truncate } from 'node:fs/promises';

/** The lines of a file, after cutting off an end that a kill left without a line break. None where there is no file. */
export async function readWholeLines(path: string): Promise<string[]> {
  const content = await readFile(path).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return Buffer.alloc(0);
    throw error;
  });
  const end = content.lastIndexOf('\n') + 1;
  if (end < content.length) await truncate(path, end);
  const lines: string[] = [];
  for (let start = 0; start < end;) {
    const stop = content.indexOf('\n', start);
    lines.push(content.toString('utf8', start, stop));
    start = stop + 1;
  }
  return lines;
}
