import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { messageOf, SeineError } from '../../core/errors.ts';
import type { WantedList } from '../../core/wanted.ts';

const webUrl = z.url({ protocol: /^https?$/ });
const host = z.string().regex(/^[^\s/@]+$/, 'a host or host:port, as URLs spell it');

const wantedList = z.strictObject({
  version: z.literal(1),
  jobs: z
    .array(
      z.strictObject({
        id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'lower-case letters, digits and hyphens'),
        source: z.literal('web'),
        seeds: z.array(webUrl),
        hosts: z.array(host).min(1),
        allow_private: z.array(host).default([]),
        max_pages: z.int().min(1),
        pool: z.string().default('data'),
        weight_ppm: z.int().min(0).max(1_000_000_000),
      }),
    )
    .min(1),
});

/** The list of wanted jobs can't be had. */
class WantedRefused extends SeineError {
  constructor(path: string, why: string) {
    super('WantedRefused', `${path} is no list of wanted jobs: ${why}`, { details: { path }, exitCode: 2 });
  }
}

/** Reads the list of wanted jobs. Throws a SeineError that names the member that is wrong. */
export async function readWanted(path: string | null): Promise<WantedList> {
  if (path === null) {
    const message = 'no list of wanted jobs: set wanted.file (SEINE_WANTED_FILE)';
    throw new SeineError('WantedMissing', message, { exitCode: 2 });
  }
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new WantedRefused(path, messageOf(error));
  });
  return parseWanted(text, path);
}

/** @param path names the file in errors */
export function parseWanted(text: string, path: string): WantedList {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new WantedRefused(path, messageOf(error));
  }
  const parsed = wantedList.safeParse(json);
  if (!parsed.success) throw new WantedRefused(path, z.prettifyError(parsed.error));
  const ids = parsed.data.jobs.map(({ id }) => id);
  const twice = ids.find((id, index) => ids.indexOf(id) !== index);
  if (twice !== undefined) throw new WantedRefused(path, `two jobs are called ${twice}`);
  return parsed.data;
}
