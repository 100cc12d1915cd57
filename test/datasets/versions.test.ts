import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { canonicalJson } from '../../src/core/canonical-json.ts';
import type { Signer } from '../../src/core/chain.ts';
import { sha256Hex } from '../../src/core/hash/sha256.ts';
import { signerFromSecret } from '../../src/commit/keys/key-pair.ts';
import { buildDataset } from '../../src/datasets/build.ts';
import { downloadDataset } from '../../src/datasets/download.ts';
import { parseRowProof, proveRow, verifyRowProof, writeRowProof } from '../../src/datasets/proof.ts';
import { queryDataset } from '../../src/datasets/query.ts';
import type { Recipe } from '../../src/datasets/recipe.ts';
import { verifyDataset } from '../../src/datasets/verify.ts';
import { diffVersions, readVersion, versionLog } from '../../src/datasets/versions.ts';
import { withdrawRows } from '../../src/datasets/withdraw.ts';
import { BOB, byTurns, chainOf, contribution } from './contributions.ts';
import { sampleRecord, sampleRecords } from './records.ts';
import { tempDir } from './temp-dir.ts';

const dir = tempDir();
const recipe: Recipe = { name: 'docs', title: 'Docs', description: 'Rows.', license: 'other', filters: {} };
const records = sampleRecords(40);
const first = byTurns(records);
const CARA = { hotkey: '5Cara', block: 20, event: 1 };
const more = contribution(
  [45, 50, 51].map((number) => sampleRecord(number)),
  CARA,
);
const v1 = join(dir, 'v1');
const v2 = join(dir, 'v2');
let signer: Signer;

beforeAll(async () => {
  signer = await signerFromSecret('//Alice');
  await buildDataset({ recipe, contributions: first, outDir: v1, maxFileRows: 15 });
  await buildDataset({ recipe, contributions: [...first, more], baseDir: v1, outDir: v2, maxFileRows: 15 });
});

describe('a version on another', () => {
  it('keeps the files of the one before, and names what it adds', async () => {
    const [before, after] = [await readVersion(v1), await readVersion(v2)];
    expect(after.manifest.base).toBe(before.digest);
    expect(after.manifest.files.slice(0, 3).map((file) => file.sha256)).toEqual(
      before.manifest.files.map((file) => file.sha256),
    );
    const { changes } = after.manifest;
    expect(changes).toEqual({
      added: { rows: 3, files: [after.manifest.files[3]?.sha256] },
      removed: { rows: 0, files: [] },
    });
    expect(await verifyDataset(v2, { readCommit: chainOf([...first, more]) })).toMatchObject({ ok: true, rows: 43 });
  });

  it('rewrites only the files that lose rows', async () => {
    const kept = { ...first[1]!, rows: [...first[1]!.rows].slice(1) };
    const outDir = join(dir, 'less');
    await buildDataset({ recipe, contributions: [first[0]!, kept], baseDir: v1, outDir });
    const { manifest } = await readVersion(outDir);
    expect(manifest.changes).toMatchObject({ added: { rows: 0 }, removed: { rows: 1 } });
    expect(manifest.changes?.removed.files).toHaveLength(1);
    expect(await verifyDataset(outDir, {})).toMatchObject({ ok: true, rows: 39 });
  });

  it('says so where there is nothing new', async () => {
    const building = buildDataset({ recipe, contributions: first, baseDir: v1, outDir: join(dir, 'same') });
    await expect(building).rejects.toMatchObject({ name: 'DatasetUnchanged' });
  });

  it('is not built on files that are not what they should be', async () => {
    const broken = join(dir, 'broken');
    await buildDataset({ recipe, contributions: first, outDir: broken });
    const path = join(broken, 'data', readdirSync(join(broken, 'data'))[0]!);
    const bytes = readFileSync(path);
    bytes[200]! ^= 4;
    writeFileSync(path, bytes);
    const building = buildDataset({ recipe, contributions: [more], baseDir: broken, outDir: join(dir, 'on-broken') });
    await expect(building).rejects.toThrow("isn't what its manifest says");
  });

  it('holds the rows that a build from nothing would hold, whatever came and went', async () => {
    let run = 0;
    const ids = fc.uniqueArray(fc.nat(30), { minLength: 1, maxLength: 15 });
    await fc.assert(
      fc.asyncProperty(fc.array(ids, { minLength: 2, maxLength: 3 }), async (versions) => {
        run += 1;
        let base: string | null = null;
        for (const [step, numbers] of versions.entries()) {
          const rows = numbers.map((number) => sampleRecord(number, { title: `${number % 3 === 0 ? step : 0}` }));
          const given = [contribution(rows, { ...BOB, block: 10 + step })];
          const outDir = join(dir, `run-${run}-${step}`);
          await buildDataset({ recipe, contributions: given, outDir, ...(base === null ? {} : { baseDir: base }) });
          expect(await verifyDataset(outDir, {})).toMatchObject({ ok: true, rows: numbers.length });
          base = outDir;
        }
      }),
      { numRuns: 8 },
    );
  });
});

describe('diff and log', () => {
  it('show what came and went, and in which order', async () => {
    const work = join(dir, 'work');
    mkdirSync(work);
    const diff = await diffVersions(await readVersion(v1), await readVersion(v2), work, 2);
    expect(diff.rows).toEqual({ before: 40, after: 43, added: 3, removed: 0, changed: 0, same: 40 });
    expect(diff.files.same).toBe(3);
    expect(diff.ids.added).toHaveLength(2);
    const { versions, missing } = await versionLog(v2);
    expect(versions.map((version) => version.dir)).toEqual([v2, v1]);
    expect(missing).toBeNull();
  });
});

describe('the proof of a row', () => {
  it('holds by itself for every row, as text', async () => {
    for (const { id } of records.slice(0, 8)) {
      const proof = parseRowProof(writeRowProof(await proveRow(v2, id)));
      expect(proof.row.id).toBe(id);
      expect(verifyRowProof(proof)).toEqual({ leaf: expect.stringMatching(/^[0-9a-f]{64}$/) as string });
    }
  });

  it('does not hold for another row, place, path, manifest or miner', async () => {
    const proof = await proveRow(v2, records[7]!.id);
    const broken = [
      { row: { ...proof.row, title: 'another' } },
      { index: proof.index + 1 },
      { path: proof.path.slice(1) },
      { path: [...proof.path, '00'.repeat(32)] },
      { manifests: [] },
      { manifests: [proof.manifests[0]!, proof.manifests[0]!] },
      { commit: { ...proof.commit, hotkey: '5Eve' } },
      { commit: { ...proof.commit, manifest: '00'.repeat(32) } },
    ];
    for (const changes of broken) {
      expect(() => verifyRowProof({ ...proof, ...changes }), JSON.stringify(changes)).toThrow();
    }
  });

  it('is no text but the canonical one', async () => {
    const text = writeRowProof(await proveRow(v1, records[0]!.id));
    expect(() => parseRowProof(`${text} `)).toThrow('canonical');
    expect(() => parseRowProof('{"version":1}')).toThrow('not a proof');
  });

  it('is not there for a row that is not', async () => {
    await expect(proveRow(v1, 'web:nowhere')).rejects.toMatchObject({ name: 'RowNotFound' });
  });
});

describe('withdrawing rows', () => {
  const id = records[4]!.id;
  const v3 = join(dir, 'v3');

  it('leaves them out of the next version, says so by a signature, and repeats nothing of them', async () => {
    const result = await withdrawRows({ dir: v2, ids: [id], reason: 'asked for', signer, outDir: v3 });
    expect(result).toMatchObject({ rows: 42, changes: { added: { rows: 0 }, removed: { rows: 1 } } });
    const { manifest } = await readVersion(v3);
    expect(manifest.tombstones).toMatchObject([{ id_sha256: sha256Hex(id), signer: signer.address, dataset: 'docs' }]);
    expect(canonicalJson(manifest)).not.toContain(id);
    expect(await verifyDataset(v3, {})).toMatchObject({ ok: true, rows: 42 });
    await expect(proveRow(v3, id)).rejects.toMatchObject({ name: 'RowNotFound' });
  });

  it('keeps them out of all later versions', async () => {
    const outDir = join(dir, 'v4');
    const late = contribution([sampleRecord(60)], { ...CARA, block: 30 });
    await buildDataset({ recipe, contributions: [...first, more, late], baseDir: v3, outDir });
    expect((await readVersion(outDir)).manifest).toMatchObject({
      rows: 43,
      tombstones: [{ id_sha256: sha256Hex(id) }],
    });
  });

  it('takes no tombstone that somebody else signed, or of another version', async () => {
    const { manifest } = await readVersion(v3);
    const [tombstone] = manifest.tombstones;
    for (const changes of [
      { reason: 'another' },
      { signer: '5Eve' },
      { base: '00'.repeat(32) },
      { dataset: 'other' },
    ]) {
      const tombstones = [{ ...tombstone!, ...changes }];
      const given = { recipe, contributions: [...first, more], baseDir: v2, tombstones, outDir: join(dir, 'forged') };
      await expect(buildDataset(given)).rejects.toMatchObject({ name: 'InvalidInput' });
    }
  });

  it('says which row there is not', async () => {
    const withdrawing = withdrawRows({ dir: v2, ids: ['web:no'], reason: '', signer, outDir: join(dir, 'none') });
    await expect(withdrawing).rejects.toMatchObject({ name: 'RowNotFound' });
  });
});

describe('a query', () => {
  it('sees all rows of all files', async () => {
    const { manifest } = await readVersion(v2);
    const result = await queryDataset(v2, manifest, 'SELECT kind, count(*)::INT n FROM rows GROUP BY 1 ORDER BY 1');
    expect(result).toEqual({ columns: ['kind', 'n'], rows: expect.anything() as unknown[], truncated: false });
    expect(result.rows.reduce((sum, [, n]) => sum + Number(n), 0)).toBe(43);
    expect(await queryDataset(v2, manifest, 'SELECT id FROM rows', { limit: 5 })).toMatchObject({ truncated: true });
  });

  it.each([
    "SELECT * FROM read_csv('/etc/passwd')",
    "COPY rows TO '/tmp/seine-copied.parquet'",
    'INSTALL httpfs',
    'SET enable_external_access = true',
    'SELECT nonsense',
  ])('reaches nothing else: %s', async (sql) => {
    const { manifest } = await readVersion(v1);
    await expect(queryDataset(v1, manifest, sql)).rejects.toMatchObject({ name: 'InvalidInput' });
  });
});

describe('downloadDataset', () => {
  it('copies a dataset that is served somewhere, whole', async () => {
    const server = createServer((request, response) => {
      try {
        response.end(readFileSync(join(v2, request.url ?? '')));
      } catch {
        response.writeHead(404).end();
      }
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const copy = join(dir, 'copy');
    const asked: string[] = [];
    try {
      const get = async (path: string): Promise<Uint8Array | null> => {
        const response = await fetch(new URL(path, base));
        const bytes = new Uint8Array(await response.arrayBuffer());
        return response.status === 404 ? null : bytes;
      };
      await downloadDataset(get, copy, (path) => asked.push(path));
    } finally {
      server.close();
    }
    expect(await verifyDataset(copy, {})).toMatchObject({ ok: true, rows: 43 });
    expect(new Set(asked).size).toBe(asked.length);
  });
});
