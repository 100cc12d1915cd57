import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { DuckDBInstance } from '@duckdb/node-api';
import fc from 'fast-check';
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Claim } from '../../src/core/claim.ts';
import { compareClaims } from '../../src/core/claim.ts';
import { buildDataset } from '../../src/datasets/build.ts';
import { createHistory } from '../../src/dedup/history.ts';
import { recordKey } from '../../src/dedup/identities.ts';
import { createOwners } from '../../src/dedup/owners.ts';
import { connectRedis } from '../../src/redis/connect.ts';
import { cloneRoot, readParts } from '../../stack/parts.ts';
import { COMMITS, published, sampleRecords } from '../datasets/records.ts';
import { tempDir } from '../datasets/temp-dir.ts';
import { anyClaim } from '../dedup/claims.ts';
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

describe('owners', () => {
  // Few keys and many claims, so that claims meet; the same claim comes twice, and one call may name a key twice.
  const calls = fc.array(fc.record({ claim: anyClaim, keys: fc.array(fc.nat(12), { maxLength: 8 }) }), {
    maxLength: 12,
  });

  it('are those of the smallest claims, whatever order claims come in', async () => {
    await fc.assert(
      fc.asyncProperty(calls, fc.array(fc.nat()), async (made, shuffle) => {
        const model = new Map<number, Claim>();
        const [one, other] = [newHotkey(), newHotkey()].map((hotkey) => createOwners({ redis, hotkey }));
        for (const { claim, keys } of made) {
          for (const number of keys) {
            const owner = model.get(number);
            if (owner === undefined || compareClaims(claim, owner) < 0) model.set(number, claim);
          }
          const { owned } = await one!.record.claim(keys.map(key), claim);
          expect(owned).toBe(keys.filter((number) => compareClaims(model.get(number)!, claim) === 0).length);
        }
        const order = made.map((call, index) => ({ call, place: shuffle[index % (shuffle.length || 1)] ?? index }));
        for (const { call } of order.sort((a, b) => a.place - b.place)) {
          await other!.record.claim(call.keys.map(key), call.claim);
          await other!.record.claim(call.keys.map(key), call.claim);
        }
        const all = Array.from({ length: 13 }, (_, number) => number);
        const expected = all.map((number) => model.get(number) ?? null);
        expect(await one!.record.ownersOf(all.map(key))).toEqual(expected);
        expect(await other!.record.ownersOf(all.map(key))).toEqual(expected);
      }),
      { numRuns: 60 },
    );
  });

  it('of two kinds do not mix, and of two operators neither', async () => {
    const [owners, stranger] = [newHotkey(), newHotkey()].map((hotkey) => createOwners({ redis, hotkey }));
    const claim = { block: 5, event: 1, hotkey: '5Ada', registered: 2 };
    await owners!.record.claim([key(1)], claim);
    expect(await owners!.text.ownersOf([key(1)])).toEqual([null]);
    expect(await stranger!.record.ownersOf([key(1)])).toEqual([null]);
    expect(await owners!.record.owns([key(1), key(2)], claim)).toEqual([true, false]);
    expect(await owners!.record.owns([key(1)], { ...claim, registered: 3 })).toEqual([false]);
  });

  it('have one digest on validators that saw the same claims in another order, and another one otherwise', async () => {
    const keys = Array.from({ length: 1_234 }, (_, number) => key(number));
    const early = { block: 10, event: 9, hotkey: '5Bob', registered: 1 };
    const late = { block: 10, event: 10, hotkey: '5Ada', registered: 1 };
    const [one, other, less] = [newHotkey(), newHotkey(), newHotkey()].map((hotkey) => createOwners({ redis, hotkey }));
    expect(await one!.record.claim(keys, late)).toEqual({ owned: 1_234 });
    expect(await one!.record.claim(keys.slice(0, 700), early)).toEqual({ owned: 700 });
    expect(await one!.record.claim(keys, late)).toEqual({ owned: 534 });
    await other!.record.claim(keys.slice(0, 700).reverse(), early);
    await other!.record.claim(keys, late);
    await less!.record.claim(keys, late);
    const [first, second, third] = await Promise.all([one!, other!, less!].map((owners) => owners.snapshotDigest()));
    expect(first).toEqual({ keys: 1_234, digest: expect.stringMatching(/^[0-9a-f]{64}$/) as string });
    expect(second).toEqual(first);
    expect(third?.keys).toBe(1_234);
    expect(third?.digest).not.toBe(first?.digest);
    await other!.text.claim([key(1)], early);
    expect((await other!.snapshotDigest()).keys).toBe(1_235);
  });

  it('survive a server that has forgotten its scripts', async () => {
    const owners = createOwners({ redis, hotkey: newHotkey() });
    const claim = { block: 1, event: 0, hotkey: '5Ada', registered: 0 };
    await owners.record.claim([key(1)], claim);
    await redis.script('FLUSH');
    expect(await owners.record.claim([key(2)], claim)).toEqual({ owned: 1 });
    expect(await owners.record.ownersOf([key(1), key(2)])).toEqual([claim, claim]);
  });

  it('refuse a key that has not 16 bytes', async () => {
    const owners = createOwners({ redis, hotkey: newHotkey() });
    const claim = { block: 1, event: 0, hotkey: '5Ada', registered: 0 };
    await expect(owners.record.claim([Buffer.alloc(15)], claim)).rejects.toMatchObject({ name: 'InvalidInput' });
  });

  it('lie in compact buckets', async () => {
    const hotkey = newHotkey();
    const claim = { block: 1, event: 0, hotkey: '5Ada', registered: 0 };
    await createOwners({ redis, hotkey }).record.claim([key(1)], claim);
    const bucket = `seine:{${hotkey}}:owners:record:${key(1).toString('hex', 0, 2)}`;
    expect(await redis.hlen(bucket)).toBe(1);
    expect(await redis.object('ENCODING', bucket)).toBe('listpack');
  });
});

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
      rows: rows.map((row, index) => published(row, index % 2)),
      commits: COMMITS,
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
