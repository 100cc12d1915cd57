import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../../src/core/canonical-json.ts';
import { leafHash, merkleRoot } from '../../src/core/hash/merkle.ts';
import { sha256Hex } from '../../src/core/hash/sha256.ts';
import { buildDataset } from '../../src/datasets/build.ts';
import type { CommitRef, DatasetManifest, PublishedRow } from '../../src/datasets/dataset-manifest.ts';
import { parseDatasetManifest } from '../../src/datasets/dataset-manifest.ts';
import { writeParquet } from '../../src/datasets/parquet-writer.ts';
import { canonicalPublishedRow } from '../../src/datasets/published-row.ts';
import type { Recipe } from '../../src/datasets/recipe.ts';
import { PUBLISHED_COLUMNS } from '../../src/datasets/schema.ts';
import type { VerifyReport } from '../../src/datasets/verify.ts';
import { verifyDataset } from '../../src/datasets/verify.ts';
import { COMMITS, published, sampleRecord, sampleRecords } from './records.ts';
import { tempDir } from './temp-dir.ts';

const dir = tempDir();
const recipe: Recipe = {
  name: 'docs',
  title: 'Docs: a "sample"',
  description: 'Rows for tests.',
  license: 'other',
  filters: { sources: ['web'] },
};
const rows = sampleRecords(40).map((row, index) => published(row, index % 2));
const onChain = (commit: CommitRef): Promise<{ manifest: string } | null> =>
  Promise.resolve(COMMITS.find((known) => known.block === commit.block && known.event === commit.event) ?? null);

describe('buildDataset', () => {
  it('lays a dataset out, states its digests and counts, and holds under verification', async () => {
    const outDir = join(dir, 'a', 'docs');
    const result = await buildDataset({ recipe, rows, commits: COMMITS, outDir, maxFileRows: 15 });
    expect(readdirSync(outDir).sort()).toEqual(['README.md', 'data', 'manifest.json']);
    expect(readdirSync(join(outDir, 'data')).sort()).toEqual([0, 1, 2].map((n) => `train-0000${n}-of-00003.parquet`));
    expect(readdirSync(join(dir, 'a'))).toEqual(['docs']);
    const text = readFileSync(join(outDir, 'manifest.json'), 'utf8');
    const manifest = parseDatasetManifest(text);
    expect(result).toEqual({
      path: outDir,
      rows: 40,
      bytes: manifest.files.reduce((sum, file) => sum + file.bytes, 0),
      manifest: sha256Hex(text),
      files: manifest.files,
    });
    expect(manifest).toMatchObject({ version: 1, recipe, base: null, rows: 40, commits: COMMITS });
    expect(manifest.files.map((file) => file.rows)).toEqual([15, 15, 10]);
    const leaves = rows.map((row) => leafHash(canonicalPublishedRow(row, 2)));
    expect(manifest.rows_root).toBe(merkleRoot(leaves));
    expect(manifest.files[2]?.rows_root).toBe(merkleRoot(leaves.slice(30)));
    for (const file of manifest.files) expect(sha256Hex(readFileSync(join(outDir, file.path)))).toBe(file.sha256);
    const report = await verifyDataset(outDir, { readCommit: onChain });
    expect(report.checks.filter((check) => !check.ok)).toEqual([]);
    expect(report).toMatchObject({ ok: true, rows: 40, manifest: result.manifest });
  });

  it('gives the same bytes from rows in another order, and does nothing where it already stands', async () => {
    const first = await buildDataset({ recipe, rows, commits: COMMITS, outDir: join(dir, 'first') });
    async function* backwards(): AsyncGenerator<PublishedRow> {
      for (const row of [...rows].reverse()) {
        await Promise.resolve();
        yield row;
      }
    }
    const second = await buildDataset({ recipe, rows: backwards(), commits: COMMITS, outDir: join(dir, 'second') });
    expect({ ...second, path: '' }).toEqual({ ...first, path: '' });
    for (const file of ['README.md', 'manifest.json', 'data/train-00000-of-00001.parquet']) {
      expect(readFileSync(join(dir, 'second', file)).equals(readFileSync(join(dir, 'first', file)))).toBe(true);
    }
    expect(await buildDataset({ recipe, rows, commits: COMMITS, outDir: join(dir, 'first') })).toEqual(first);
  });

  it('takes only what the recipe wants', async () => {
    const posts = [published(sampleRecord(1, { id: 'x:1', source: 'x' })), published(sampleRecord(2))];
    const result = await buildDataset({ recipe, rows: posts, commits: COMMITS, outDir: join(dir, 'filtered') });
    expect(result.rows).toBe(1);
  });

  it.each<[string, PublishedRow[], string]>([
    ['an id twice', [rows[3]!, rows[1]!, { ...rows[3]!, commit: 0 }], 'comes twice'],
    ['no row', [], 'no row passes'],
    ['a commit that there is not', [{ ...rows[1]!, commit: 2 }], 'commit 2 is none'],
    ['a leaf that is no digest', [{ ...rows[1]!, leaf: 'x' }], 'leaf is not a digest'],
    ['an invalid record', [{ ...rows[1]!, url: '' }], 'no url'],
  ])('refuses %s and leaves nothing behind', async (_, faulty, message) => {
    const parent = join(dir, 'refused');
    const building = buildDataset({ recipe, rows: faulty, commits: COMMITS, outDir: join(parent, 'out') });
    await expect(building).rejects.toMatchObject({
      name: 'InvalidInput',
      message: expect.stringContaining(message) as string,
    });
    expect(readdirSync(parent)).toEqual([]);
  });

  it('leaves what stands in its way as it is', async () => {
    const outDir = join(dir, 'taken');
    mkdirSync(outDir);
    writeFileSync(join(outDir, 'mine.txt'), 'mine');
    const building = buildDataset({ recipe, rows, commits: COMMITS, outDir });
    await expect(building).rejects.toMatchObject({ name: 'DatasetExists' });
    expect(readdirSync(outDir)).toEqual(['mine.txt']);
  });

  it('writes a card that states the numbers', async () => {
    const outDir = join(dir, 'card');
    await buildDataset({ recipe, rows, commits: COMMITS, outDir });
    const card = readFileSync(join(outDir, 'README.md'), 'utf8');
    expect(card).toContain('pretty_name: "Docs: a \\"sample\\""');
    expect(card).toContain('path: data/train-*');
    expect(card).toContain('num_examples: 40');
    expect(card).toContain('40 rows in 1 file of Parquet, from 2 commitments of 2 miners');
    expect(card).toMatch(/- name: scraped_at\n +dtype: timestamp\[us, tz=UTC\]/);
  });
});

describe('verifyDataset', () => {
  it.each<[string, string, (copy: string, manifest: DatasetManifest) => void | Promise<void>]>([
    ['no manifest', 'manifest', (copy) => writeFileSync(join(copy, 'manifest.json'), '')],
    ['a manifest with a stranger in it', 'manifest', (copy, manifest) => save(copy, { ...manifest, more: 1 } as never)],
    [
      'a file outside the folder',
      'manifest',
      (copy, m) => save(copy, { ...m, files: [{ ...m.files[0]!, path: '../x' }] }),
    ],
    [
      'a file that is gone',
      'file',
      (copy, m) => save(copy, { ...m, files: [{ ...m.files[0]!, path: 'data/train-00007-of-00008.parquet' }] }),
    ],
    ['a changed byte', 'file', (copy) => tamper(copy)],
    ['another row count', 'rows', (copy, m) => save(copy, { ...m, rows: m.rows + 1 })],
    ['another root', 'rows', (copy, m) => save(copy, { ...m, rows_root: '00'.repeat(32) })],
    ['a row nobody committed', 'file', (copy, m) => forge(copy, m, (row) => ({ ...row, title: 'forged' }))],
    [
      'a row the recipe does not want',
      'file',
      (copy, m) => save(copy, { ...m, recipe: { ...recipe, filters: { sources: ['x'] } } }),
    ],
    ['a row of no commit', 'file', (copy, m) => forge(copy, m, (row) => ({ ...row, commit: 9 }))],
    ['one id twice', 'file', (copy, m) => forge(copy, m, () => published(sampleRecord(0)))],
    [
      'a commit that the chain has not',
      'commit 1',
      (copy, m) => save(copy, { ...m, commits: [m.commits[0]!, { ...m.commits[1]!, block: 99 }] }),
    ],
    [
      'a commit of another manifest',
      'commit 0',
      (copy, m) => save(copy, { ...m, commits: [{ ...m.commits[0]!, manifest: '33'.repeat(32) }, m.commits[1]!] }),
    ],
  ])('finds %s', async (name, check, change) => {
    const report = await verifyChanged(name, change);
    expect(report.ok).toBe(false);
    const failed = report.checks.filter(({ ok }) => !ok);
    expect(failed[0]?.name.startsWith(check), JSON.stringify(failed)).toBe(true);
    expect(failed[0]?.why).not.toBe('');
  });

  it("checks miners' manifests where they can be had", async () => {
    const bytes = new TextEncoder().encode('a manifest');
    const copy = join(dir, 'with-manifests');
    const commits = [{ ...COMMITS[0]!, manifest: sha256Hex(bytes) }];
    await buildDataset({ recipe, rows: rows.map((row) => ({ ...row, commit: 0 })), commits, outDir: copy });
    const readCommit = (commit: CommitRef): Promise<CommitRef> => Promise.resolve(commit);
    const verify = (readManifest: () => Promise<Uint8Array | null>): Promise<VerifyReport> =>
      verifyDataset(copy, { readCommit, readManifest });
    expect(await verify(() => Promise.resolve(bytes))).toMatchObject({ ok: true });
    expect(await verify(() => Promise.resolve(null))).toMatchObject({ ok: true });
    expect(await verify(() => Promise.resolve(new Uint8Array(3)))).toMatchObject({ ok: false });
  });
});

async function verifyChanged(
  name: string,
  change: (copy: string, manifest: DatasetManifest) => void | Promise<void>,
): Promise<VerifyReport> {
  const original = join(dir, 'original');
  if (!existsSync(original)) await buildDataset({ recipe, rows, commits: COMMITS, outDir: original });
  const copy = join(dir, name.replaceAll(' ', '-'));
  cpSync(original, copy, { recursive: true });
  await change(copy, parseDatasetManifest(readFileSync(join(copy, 'manifest.json'), 'utf8')));
  return await verifyDataset(copy, { readCommit: onChain });
}

function save(copy: string, manifest: DatasetManifest): void {
  writeFileSync(join(copy, 'manifest.json'), canonicalJson(manifest));
}

function tamper(copy: string): void {
  const path = join(copy, 'data/train-00000-of-00001.parquet');
  const bytes = readFileSync(path);
  bytes[100]! ^= 1;
  writeFileSync(path, bytes);
}

/** Changes the second row and states the true digests of what comes out. */
async function forge(
  copy: string,
  manifest: DatasetManifest,
  change: (row: PublishedRow) => PublishedRow,
): Promise<void> {
  const forged = rows.map((row, index) => (index === 1 ? change(row) : row));
  const file = manifest.files[0]!;
  await writeParquet(join(copy, file.path), PUBLISHED_COLUMNS, forged);
  const bytes = readFileSync(join(copy, file.path));
  const rows_root = merkleRoot(forged.map((row) => leafHash(canonicalPublishedRow(row, 10))));
  const entry = { ...file, sha256: sha256Hex(bytes), bytes: bytes.length, rows_root };
  save(copy, { ...manifest, files: [entry], rows_root });
}
