import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../../src/core/canonical-json.ts';
import { leafHash, merkleRoot } from '../../src/core/hash/merkle.ts';
import { sha256Hex } from '../../src/core/hash/sha256.ts';
import { buildDataset } from '../../src/datasets/build.ts';
import { renderCard } from '../../src/datasets/card.ts';
import type { Contribution } from '../../src/datasets/contributions.ts';
import { renderCroissant } from '../../src/datasets/croissant.ts';
import type { DatasetManifest, PublishedRow } from '../../src/datasets/dataset-manifest.ts';
import { parseDatasetManifest } from '../../src/datasets/dataset-manifest.ts';
import { writeParquet } from '../../src/datasets/parquet-writer.ts';
import { canonicalPublishedRow } from '../../src/datasets/published-row.ts';
import type { Recipe } from '../../src/datasets/recipe.ts';
import { PUBLISHED_COLUMNS } from '../../src/datasets/schema.ts';
import type { VerifyReport } from '../../src/datasets/verify.ts';
import { verifyDataset } from '../../src/datasets/verify.ts';
import { ADA, BOB, byTurns, chainOf, contribution, manifestOf } from './contributions.ts';
import { published, sampleRecord, sampleRecords } from './records.ts';
import { tempDir } from './temp-dir.ts';

const dir = tempDir();
const recipe: Recipe = {
  name: 'docs',
  title: 'Docs: a "sample"',
  description: 'Rows for tests.',
  license: 'other',
  limits: ['A limit of this one.'],
  filters: { sources: ['web'] },
};
const records = sampleRecords(40);
const rows = records.map((row, index) => published(row, index % 2));
const contributions = byTurns(records);
const onChain = chainOf(contributions);

describe('buildDataset', () => {
  it('lays a dataset out, states its digests and counts, and holds under verification', async () => {
    const outDir = join(dir, 'a', 'docs');
    const result = await buildDataset({ recipe, contributions, outDir, maxFileRows: 15 });
    expect(readdirSync(outDir).sort()).toEqual(['README.md', 'commits', 'croissant.json', 'data', 'manifest.json']);
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
      changes: null,
    });
    const commits = contributions.map(({ commit }) => commit);
    expect(manifest).toMatchObject({ version: 1, recipe, base: null, rows: 40, commits, tombstones: [] });
    expect(manifest.counts).toMatchObject({ sources: { web: 40 }, kinds: { article: 14, page: 26 } });
    expect(manifest.files.map((file) => file.rows)).toEqual([15, 15, 10]);
    const leaves = rows.map((row) => leafHash(canonicalPublishedRow(row, 2)));
    expect(manifest.rows_root).toBe(merkleRoot(leaves));
    expect(manifest.files[2]?.rows_root).toBe(merkleRoot(leaves.slice(30)));
    for (const file of manifest.files) expect(sha256Hex(readFileSync(join(outDir, file.path)))).toBe(file.sha256);
    const report = await verifyDataset(outDir, { readCommit: onChain, expected: result.manifest });
    expect(report.checks.filter((check) => !check.ok)).toEqual([]);
    expect(report).toMatchObject({ ok: true, rows: 40, manifest: result.manifest, chain: true });
    expect(await verifyDataset(outDir, {})).toMatchObject({ ok: true, chain: false });
  });

  it('gives the same bytes in another order, folder and time zone, and does nothing where it already stands', async () => {
    const first = await buildDataset({ recipe, contributions, outDir: join(dir, 'first') });
    async function* backwards(): AsyncGenerator<Contribution> {
      for (const each of contributions.toReversed()) {
        await Promise.resolve();
        yield { ...each, rows: [...each.rows].reverse() };
      }
    }
    const zone = process.env['TZ'];
    process.env['TZ'] = 'Pacific/Kiritimati';
    const second = await buildDataset({ recipe, contributions: backwards(), outDir: join(dir, 'else', 'where') });
    if (zone === undefined) delete process.env['TZ'];
    else process.env['TZ'] = zone;
    expect({ ...second, path: '' }).toEqual({ ...first, path: '' });
    expect(contents(join(dir, 'else', 'where'))).toEqual(contents(join(dir, 'first')));
    expect(await buildDataset({ recipe, contributions, outDir: join(dir, 'first') })).toEqual(first);
  });

  it('takes only what the recipe wants, and no commit that gives nothing', async () => {
    const posts = [
      contribution([sampleRecord(1, { id: 'x:1', source: 'x' })], ADA),
      contribution([sampleRecord(2)], BOB),
    ];
    const outDir = join(dir, 'filtered');
    expect(await buildDataset({ recipe, contributions: posts, outDir })).toMatchObject({ rows: 1 });
    expect(manifestIn(outDir).commits.map(({ hotkey }) => hotkey)).toEqual(['5Bob']);
    expect(await verifyDataset(outDir, {})).toMatchObject({ ok: true });
  });

  it('takes rows of a manifest that hung unanchored before the committed one', async () => {
    const [early, late] = [records.slice(0, 5), records.slice(5, 9)];
    const before = manifestOf(early, '5Ada');
    const committed = manifestOf(late, '5Ada', sha256Hex(before.text));
    const both = contribution([...early, ...late], ADA);
    const commit = { ...both.commit, manifest: sha256Hex(committed.text) };
    const outDir = join(dir, 'unanchored');
    await buildDataset({ recipe, contributions: [{ ...both, commit, manifests: [before, committed] }], outDir });
    expect(await verifyDataset(outDir, {})).toMatchObject({ ok: true, rows: 9 });
    rmSync(join(outDir, 'commits', `${sha256Hex(before.text)}.json`));
    expect(await verifyDataset(outDir, {})).toMatchObject({ ok: false });
  });

  /** Commitments of one miner after another, each manifest following the one before; the rows shared out two by two. */
  function oftenCommitted(count: number): Contribution[] {
    let previous: string | null = null;
    return Array.from({ length: count }, (_, at) => {
      const part = records.slice(2 * at, 2 * at + 2);
      const manifest = manifestOf(part, '5Ada', previous);
      previous = sha256Hex(manifest.text);
      const { commit, rows: own } = contribution(part, { hotkey: '5Ada', block: 10 + at, event: 3 });
      return { commit: { ...commit, manifest: previous }, manifests: [manifest], rows: own };
    });
  }

  it('holds however many commitments of one miner follow one another, and asks of each its own manifest', async () => {
    const outDir = join(dir, 'often');
    const often = oftenCommitted(20);
    await buildDataset({ recipe, contributions: often, outDir });
    const report = await verifyDataset(outDir, { readCommit: chainOf(often) });
    expect(faults(report)).toEqual([]);
    const commits = report.checks.filter(({ name }) => name.startsWith('commit '));
    expect(commits.map(({ why }) => why)).toEqual(commits.map(() => '2 leaves in its manifest, which the chain names'));
  });

  it('refuses rows under a later commitment than the one that anchored them', async () => {
    const outDir = join(dir, 'later');
    const [first, second] = oftenCommitted(2) as [Contribution, Contribution];
    const [early, late] = [[...first.rows], [...second.rows]];
    const moved = { ...second, rows: [...early.slice(1), ...late] };
    await buildDataset({ recipe, contributions: [{ ...first, rows: early.slice(0, 1) }, moved], outDir });
    expect(faults(await verifyDataset(outDir, {})).join()).toContain('commit 1 is not known to hold it');
  });

  const one = (changes: object): Contribution[] => {
    const { commit, manifests } = contribution([records[1]!], ADA);
    return [{ commit, manifests, rows: [{ row: records[1]!, leaf: rows[1]!.leaf, ...changes }] }];
  };
  it.each<[string, Contribution[], string]>([
    ['an id twice', [contribution([records[3]!, records[1]!], ADA), contribution([records[3]!], BOB)], 'comes twice'],
    ['no row', [], 'no row passes'],
    [
      'one commitment twice',
      [contribution([records[1]!], ADA), contribution([records[1]!], ADA)],
      'two contributions of one',
    ],
    ['a leaf that is no digest', one({ leaf: 'x' }), 'leaf is not a digest'],
    ['an invalid record', one({ row: { ...records[1]!, url: '' } }), 'no url'],
    [
      "a manifest that is not the commit's",
      [{ ...contribution([records[1]!], ADA), manifests: [manifestOf([records[2]!], '5Ada')] }],
      'is wanted',
    ],
    [
      "leaves that are not the manifest's",
      [
        {
          ...contribution([records[1]!], ADA),
          manifests: [{ ...manifestOf([records[1]!], '5Ada'), leaves: new Uint8Array(32) }],
        },
      ],
      'another root',
    ],
  ])('refuses %s and leaves nothing behind', async (_, faulty, message) => {
    const parent = join(dir, 'refused');
    const building = buildDataset({ recipe, contributions: faulty, outDir: join(parent, 'out') });
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
    const building = buildDataset({ recipe, contributions, outDir });
    await expect(building).rejects.toMatchObject({ name: 'DatasetExists' });
    expect(readdirSync(outDir)).toEqual(['mine.txt']);
  });

  it('writes a card that states the numbers', async () => {
    const outDir = join(dir, 'card');
    const { manifest } = await buildDataset({ recipe, contributions, outDir });
    const card = readFileSync(join(outDir, 'README.md'), 'utf8');
    expect(card).toContain('pretty_name: "Docs: a \\"sample\\""');
    expect(card).toContain('path: data/train-*');
    expect(card).toContain('num_examples: 40');
    expect(card).toContain('40 rows in 1 file of Parquet, from 2 commitments of 2 miners');
    expect(card).toContain('| kind `page` | 26 |');
    expect(card).toContain('- A limit of this one.');
    expect(card).toContain(manifest);
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
    ['a file named twice', 'manifest', (copy, m) => save(copy, { ...m, files: [m.files[0]!, m.files[0]!] })],
    ['a file that is gone', 'file', (copy, m) => rmSync(join(copy, m.files[0]!.path))],
    ['another card', 'card', (copy) => writeFileSync(join(copy, 'README.md'), 'Buy this.')],
    ['no Croissant', 'croissant', (copy) => rmSync(join(copy, 'croissant.json'))],
    ['a file more', 'folder', (copy) => writeFileSync(join(copy, 'data', 'train-x.parquet'), 'x')],
    ['a changed byte', 'file', (copy) => tamper(copy)],
    ['another row count', 'rows', (copy, m) => save(copy, { ...m, rows: m.rows + 1 })],
    ['another root', 'rows', (copy, m) => save(copy, { ...m, rows_root: '00'.repeat(32) })],
    ['other counts', 'rows', (copy, m) => save(copy, { ...m, counts: { ...m.counts, without_language: 0 } })],
    ['a row nobody committed', 'file', (copy, m) => forge(copy, m, (row) => ({ ...row, title: 'forged' }))],
    [
      'a row nobody committed, under its own leaf',
      'file',
      (copy, m) => forge(copy, m, () => published(sampleRecord(1, { title: 'forged' }), 1)),
    ],
    ["a row under another miner's name", 'file', (copy, m) => forge(copy, m, (row) => ({ ...row, commit: 0 }))],
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
      'a commit of another event',
      'commit 1',
      (copy, m) => save(copy, { ...m, commits: [m.commits[0]!, { ...m.commits[1]!, event: 5 }] }),
    ],
    [
      'a commit of another manifest',
      'commit 0',
      (copy, m) => save(copy, { ...m, commits: [{ ...m.commits[0]!, manifest: '33'.repeat(32) }, m.commits[1]!] }),
    ],
    [
      'leaves that nobody committed',
      'commit 0',
      (copy, m) => writeFileSync(join(copy, 'commits', `${m.commits[0]!.manifest}.leaves`), Buffer.alloc(20 * 32)),
    ],
  ])('finds %s', async (name, check, change) => {
    const report = await verifyChanged(name, change);
    expect(report.ok).toBe(false);
    const failed = report.checks.filter(({ ok }) => !ok);
    expect(failed[0]?.name.startsWith(check), JSON.stringify(failed)).toBe(true);
    expect(failed[0]?.why).not.toBe('');
  });

  it('finds that it is another dataset than the one that was wanted', async () => {
    const report = await verifyDataset(original, { expected: '00'.repeat(32) });
    expect(report.checks).toMatchObject([{ name: 'manifest', ok: false }]);
  });

  it('refuses it after any one bit of any file is flipped', async () => {
    const files = Object.entries(contents(original));
    const totalBits = files.reduce((sum, [, bytes]) => sum + bytes.length * 8, 0);
    const copy = join(dir, 'flipped');
    cpSync(original, copy, { recursive: true });
    // Weyl's sequence: spread over all files, the same in every run.
    for (let flip = 0; flip < 200; flip++) {
      let bit = Math.floor(((flip * 0.6180339887498949) % 1) * totalBits);
      const [name, bytes] = files.find(([, each]) => (bit -= each.length * 8) < 0)!;
      bit += bytes.length * 8;
      const changed = Buffer.from(bytes);
      changed[bit >> 3]! ^= 1 << (bit & 7);
      writeFileSync(join(copy, name), changed);
      const report = await verifyDataset(copy, { readCommit: onChain });
      expect(report.ok, `bit ${bit} of ${name}`).toBe(false);
      writeFileSync(join(copy, name), bytes);
    }
    expect(await verifyDataset(copy, { readCommit: onChain })).toMatchObject({ ok: true });
  });
});

const original = join(dir, 'original');

async function verifyChanged(
  name: string,
  change: (copy: string, manifest: DatasetManifest) => void | Promise<void>,
): Promise<VerifyReport> {
  if (!existsSync(original)) await buildDataset({ recipe, contributions, outDir: original });
  const copy = join(dir, name.replaceAll(' ', '-'));
  cpSync(original, copy, { recursive: true });
  await change(copy, manifestIn(copy));
  return await verifyDataset(copy, { readCommit: onChain });
}

function manifestIn(folder: string): DatasetManifest {
  return parseDatasetManifest(readFileSync(join(folder, 'manifest.json'), 'utf8'));
}

/** All files of a folder by their path in it. */
function contents(folder: string): Record<string, Buffer> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map((entry) => join(entry.parentPath, entry.name)).sort();
  return Object.fromEntries(paths.map((path) => [path.slice(folder.length + 1), readFileSync(path)]));
}

/** Writes a manifest, and a card and a Croissant that go with it. */
function save(copy: string, manifest: DatasetManifest): void {
  const text = canonicalJson(manifest);
  writeFileSync(join(copy, 'manifest.json'), text);
  writeFileSync(join(copy, 'README.md'), renderCard(manifest, sha256Hex(text)));
  writeFileSync(join(copy, 'croissant.json'), renderCroissant(manifest, sha256Hex(text)));
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

function faults({ checks }: VerifyReport): string[] {
  return checks.filter(({ ok }) => !ok).map(({ name, why }) => `${name}: ${why}`);
}
