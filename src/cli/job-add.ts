import { existsSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { readWantedText, wantedPath, withJob } from './roots/wanted-file.ts';
import type { Session } from './session.ts';

interface AddOptions {
  host: string[];
  seed?: string[];
  query?: string[];
  source: string;
  from?: string;
  until?: string;
  maxPages: number;
  weight: number;
  pool: string;
  dryRun?: boolean;
}

/** Writes a job into the list: the whole list is checked first, and the file is replaced at once. */
export async function addJob({ settings, out }: Session, id: string, options: AddOptions): Promise<void> {
  const path = wantedPath(settings.values['wanted.file']);
  const { host, seed = [], query, source, from, until, maxPages, weight, pool } = options;
  const job = {
    ...{ id, source, seeds: seed, hosts: host },
    ...(query === undefined ? {} : { queries: query }),
    ...(from === undefined ? {} : { from }),
    ...(until === undefined ? {} : { until }),
    ...{ allow_private: [], max_pages: maxPages, pool, weight_ppm: weight },
  };
  const text = withJob(existsSync(path) ? await readWantedText(path) : null, job, path);
  const written = options.dryRun !== true;
  if (written) await replaceFile(path, text);
  out.line(written ? `${id} is in ${path}. Miners and validators read it when they start.` : `Would write ${path}:`);
  if (!written) out.line(text);
  out.json({ file: path, job, written });
}

/** A reader sees the file as it was or as it is now, never a part. */
async function replaceFile(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const draft = `${path}.${process.pid}.new`;
  try {
    await writeFile(draft, text, { flush: true });
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}
