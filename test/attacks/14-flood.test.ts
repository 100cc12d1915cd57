import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseManifest } from '../../src/commit/manifest.ts';
import { canonicalJson } from '../../src/core/canonical-json.ts';
import { sha256Hex } from '../../src/core/hash/sha256.ts';
import { writeParquet } from '../../src/datasets/parquet-writer.ts';
import { RECORD_COLUMNS } from '../../src/datasets/schema.ts';
import { writeShard } from '../../src/datasets/shard-writer.ts';
import { verifyShard } from '../../src/datasets/verify-shard.ts';
import { sampleRecord, sampleRecords } from '../datasets/records.ts';
import { tempDir } from '../datasets/temp-dir.ts';

const dir = tempDir();

describe('attack 14: flood', () => {
  it('10,000 shards in one manifest: refused, and so is a manifest of no shard', () => {
    for (const count of [10_000, 65, 0]) {
      const shards = Array.from({ length: count }, (_, number) => ({
        ...{ sha256: number.toString(16).padStart(64, '0'), bytes: 1, rows: 1, rows_root: '0'.repeat(64) },
        ...{ min_created_at: null, max_created_at: null },
      }));
      const text = canonicalJson({
        ...{ version: 1, netuid: 2, hotkey: '5Ada', seq: 0, previous: null, created_at: 0, sources: [], jobs: [] },
        ...{ shards, rows: count, rows_root: '0'.repeat(64), schema: 'seine-record-1', tool: 'x' },
      });
      const expected = { digest: sha256Hex(text), netuid: 2, hotkey: '5Ada' };
      expect(() => parseManifest(new TextEncoder().encode(text), expected)).toThrow('manifest_format: shards');
    }
  });

  it("bombs are refused by name, and other miners' shards are verified beside them", async () => {
    const bomb = join(dir, 'bomb.parquet');
    const text = 'a'.repeat(2 ** 20);
    await writeParquet(
      bomb,
      RECORD_COLUMNS,
      Array.from({ length: 80 }, (_, number) => sampleRecord(number, { text })),
    );
    const { fileDigest } = await import('../../src/datasets/file-digest.ts');
    const stated = { rows: 80, rows_root: '0'.repeat(64), min_created_at: null, max_created_at: null };
    const bombEntry = { ...(await fileDigest(bomb)), ...stated };
    const honest = join(dir, 'honest.parquet');
    const entry = await writeShard(sampleRecords(100), honest);
    const garbage = join(dir, 'garbage.parquet');
    writeFileSync(garbage, 'PAR1 nothing PAR1');
    const garbageEntry = { ...(await fileDigest(garbage)), ...stated };
    const outcomes = await Promise.allSettled([
      verifyShard(bomb, bombEntry),
      verifyShard(honest, entry),
      verifyShard(garbage, garbageEntry),
      verifyShard(honest, entry),
    ]);
    expect(outcomes).toMatchObject([
      { status: 'rejected', reason: { name: 'ShardInvalid', reason: 'too_large' } },
      { status: 'fulfilled', value: { rows: { length: 100 } } },
      { status: 'rejected', reason: { name: 'ShardInvalid', reason: 'truncated' } },
      { status: 'fulfilled', value: { rows: { length: 100 } } },
    ]);
  });
});
