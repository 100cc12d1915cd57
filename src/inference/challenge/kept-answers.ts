import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { sha256Hex } from '../../core/hash/sha256.ts';
import type { TaskAnswer, TaskRequest } from '../wire/request.ts';

/** A request with its answer, until it is checked. */
export interface KeptAnswer {
  request: TaskRequest;
  answer: TaskAnswer;
}

/** Answers that wait for their check: images are too large for Redis, and nothing of them is needed once the period is closed. */
export interface KeptAnswers {
  /** @returns SHA-256 */
  keep: (period: string, kept: KeptAnswer) => Promise<string>;
  /** Null where it is lost, or not as it was kept. */
  find: (period: string, digest: string) => Promise<KeptAnswer | null>;
  /** Lets go of all of a period. */
  drop: (period: string) => Promise<void>;
}

/** Answers as files in `<dir>/<period>/`. @param dir of this operator, shared by all its workers */
export function createKeptAnswers(dir: string): KeptAnswers {
  return {
    async keep(period, kept) {
      const text = JSON.stringify(kept);
      const digest = sha256Hex(text);
      await mkdir(join(dir, period), { recursive: true });
      // Whole or not at all.
      const draft = join(dir, period, `${randomUUID()}.draft`);
      await writeFile(draft, text);
      await rename(draft, join(dir, period, digest));
      return digest;
    },
    async find(period, digest) {
      const text = await readFile(join(dir, period, digest), 'utf8').catch(() => null);
      return text === null || sha256Hex(text) !== digest ? null : (JSON.parse(text) as KeptAnswer);
    },
    drop: (period) => rm(join(dir, period), { recursive: true, force: true }),
  };
}
