/** One build for build.bench.ts: node --import tsx test/bench/build-once.ts ROWS FOLDER. Rows come one by one; nothing keeps them. */
import { join } from 'node:path';
import { canonicalJson } from '../../src/core/canonical-json.ts';
import { canonicalRow } from '../../src/core/canonical-row.ts';
import { MerkleAccumulator, leafHash } from '../../src/core/hash/merkle.ts';
import { sha256Hex } from '../../src/core/hash/sha256.ts';
import { buildDataset } from '../../src/datasets/build.ts';
import type { ContributedRow, Contribution } from '../../src/datasets/contributions.ts';
import { benchRecords } from './rows.ts';

const [count, folder] = [Number(process.argv[2]), process.argv[3] ?? ''];
/** As many rows as a hotkey may commit in an epoch. */
const PER_COMMIT = 50_000;

function* contributions(): Generator<Contribution> {
  const rows = benchRecords(count);
  for (let left = count, block = 1; left > 0; left -= PER_COMMIT, block++) {
    yield contribution(takeRows(rows, Math.min(left, PER_COMMIT)), block);
  }
}

function contribution(rows: ContributedRow[], block: number): Contribution {
  const tree = new MerkleAccumulator();
  const leaves = rows.map(({ leaf }) => Buffer.from(leaf, 'hex'));
  for (const leaf of leaves) tree.add(leaf);
  const head = { netuid: 2, hotkey: '5Ada', previous: null, rows: rows.length, rows_root: tree.root() };
  const text = canonicalJson(head);
  const commit = { netuid: 2, hotkey: '5Ada', block, event: 3, manifest: sha256Hex(text) };
  return { commit, manifests: [{ text, leaves: Buffer.concat(leaves) }], rows };
}

function takeRows(rows: ReturnType<typeof benchRecords>, wanted: number): ContributedRow[] {
  const taken: ContributedRow[] = [];
  while (taken.length < wanted) {
    const next = rows.next();
    if (next.done === true) break;
    const row = next.value;
    taken.push({ row, leaf: Buffer.from(leafHash(canonicalRow(row))).toString('hex') });
  }
  return taken;
}

const startedAt = performance.now();
const recipe = { name: 'bench', title: 'Bench', description: 'Rows of a bench.', license: 'other', filters: {} };
const { bytes } = await buildDataset({ recipe, contributions: contributions(), outDir: join(folder, 'dataset') });
console.log(JSON.stringify({ seconds: (performance.now() - startedAt) / 1000, bytes }));
