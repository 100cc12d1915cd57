import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { DuckDBInstance } from '@duckdb/node-api';
import fc from 'fast-check';
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildDataset } from '../../src/datasets/build.ts';
import { createHistory } from '../../src/dedup/history.ts';
import { recordKey } from '../../src/dedup/identities.ts';
import { connectRedis } from '../../src/redis/connect.ts';
import { cloneRoot, readParts } from '../../stack/parts.ts';
import { byTurns } from '../datasets/contributions.ts';
import { published, sampleRecords } from '../datasets/records.ts';
import { tempDir } from '../datasets/temp-dir.ts';
import { useStack } from '../support/stack.ts';

const dir = tempDir();
let redis: Redis;
let operators = 0;

beforeAll(async () => {
  redis = await connectRedis(useStack().redisIndex);
});

afterAll(async () => {
  await redis.quit();
});

/** A hotkey whose keys nobody has used. */
function newHotkey(): string {
  operators += 1;
  return `5Datasets${process.pid}x${operators}`;
}

const key = (number: number): Buffer => recordKey(`web:${number}`);

describe("a miner's history", () => {
  it('gives a batch that is run again the same rows, and the next batch only what is new', async () => {
    const history = createHistory({ redis, hotkey: newHotkey() });
    const [a, b, c] = [key(1), key(2), key(3)];
    expect(await history.unseen([a, b, a], 'one')).toEqual([true, true, false]);
    await history.add([a, b], 'one');
    expect(await history.unseen([a, b], 'one')).toEqual([true, true]);
    await history.add([a, b], 'one');
    expect(await history.unseen([a, b, c], 'two')).toEqual([false, false, true]);
    await history.add([a, c], 'two');
    expect(await history.unseen([a, c], 'one')).toEqual([true, false]);
    expect(await history.unseen([a, c], 'two')).toEqual([false, true]);
  });

  it('loses and doubles no row, wherever seals are cut off and begun again', async () => {
    const seals = fc.array(fc.record({ keys: fc.array(fc.nat(20), { maxLength: 10 }), cuts: fc.array(fc.boolean()) }));
    await fc.assert(
      fc.asyncProperty(seals, async (all) => {
        const history = createHistory({ redis, hotkey: newHotkey() });
        const sealed: number[] = [];
        for (const [place, { keys, cuts }] of all.entries()) {
          const seal = async (addToo: boolean): Promise<number[]> => {
            const unseen = await history.unseen(keys.map(key), `seal-${place}`);
            const rows = keys.filter((_, index) => unseen[index]);
            if (addToo) await history.add(rows.map(key), `seal-${place}`);
            return rows;
          };
          const attempts: number[][] = [];
          for (const addToo of cuts) attempts.push(await seal(addToo));
          const final = await seal(true);
          for (const attempt of attempts) expect(attempt).toEqual(final);
          sealed.push(...final);
        }
        const offered = new Set(all.flatMap(({ keys }) => keys));
        expect([...sealed].sort((a, b) => a - b)).toEqual([...offered].sort((a, b) => a - b));
      }),
      { numRuns: 40 },
    );
  });
});

describe('a built dataset', () => {
  const rows = sampleRecords(300);
  let folder: string;

  beforeAll(async () => {
    const recipe = { name: 'judged', title: 'Judged', description: 'Read by others.', license: 'other', filters: {} };
    const result = await buildDataset({
      recipe,
      contributions: byTurns(rows),
      outDir: join(dir, 'judged'),
      maxFileRows: 120,
    });
    folder = result.path;
  });

  it('is read by pyarrow, with its types and values', async () => {
    const script = join(cloneRoot, 'test', 'datasets', 'read_rows.py');
    const options = { env: { ...process.env, PYTHONPATH: readParts().python?.packages }, maxBuffer: 2 ** 26 };
    const { stdout } = await promisify(execFile)('python3', [script, join(folder, 'data')], options);
    const read = JSON.parse(stdout) as { types: Record<string, string>; rows: unknown[] };
    expect(read.rows).toEqual(rows.map((row, index) => published(row, index % 2)));
    expect(read.types).toMatchObject({
      id: 'string',
      source: 'dictionary<values=string, indices=int32, ordered=0>',
      created_at: 'timestamp[us, tz=UTC]',
      tags: 'list<element: string not null>',
      commit: 'int32',
    });
  });

  it('is queried by DuckDB', async () => {
    const instance = await DuckDBInstance.create(':memory:');
    const connection = await instance.connect();
    try {
      const files = join(folder, 'data', '*.parquet').replaceAll("'", "''");
      const answer = await connection.runAndReadAll(
        `SELECT count(*)::INT n, count(DISTINCT id)::INT ids, sum(metrics.likes)::INT likes, sum(len(tags))::INT tags,
                epoch_us(max(created_at))::BIGINT latest, max(media[1].bytes)::INT bytes, count(lang)::INT langs
         FROM read_parquet('${files}') WHERE source = 'web'`,
      );
      expect(answer.getRowObjectsJson()).toEqual([
        {
          n: 300,
          ids: 300,
          likes: rows.reduce((sum, row) => sum + (row.metrics.likes ?? 0), 0),
          tags: rows.reduce((sum, row) => sum + row.tags.length, 0),
          latest: String(Math.max(...rows.map((row) => row.created_at ?? 0))),
          bytes: Math.max(...rows.map((row) => row.media[0]?.bytes ?? 0)),
          langs: rows.filter((row) => row.lang !== null).length,
        },
      ]);
    } finally {
      connection.closeSync();
      instance.closeSync();
    }
  });
});
