import type { Column, ColumnType } from './column-types.ts';
import type { DatasetManifest } from './dataset-manifest.ts';
import type { Recipe } from './recipe.ts';
import { PUBLISHED_COLUMNS } from './schema.ts';

/**
 * `README.md` of a dataset: the front matter that the Hugging Face hub and the `datasets` library read (configs, features,
 * splits, sizes), then a page for people. Nothing in it depends on when or where it was built.
 * @param arrowBytes size of the rows in memory, which the hub calls `dataset_size`
 */
export function renderCard(recipe: Recipe, manifest: DatasetManifest, arrowBytes: number): string {
  const bytes = manifest.files.reduce((sum, file) => sum + file.bytes, 0);
  const miners = new Set(manifest.commits.map((commit) => commit.hotkey)).size;
  return `---
license: ${JSON.stringify(recipe.license)}
pretty_name: ${JSON.stringify(recipe.title)}
size_categories:
  - ${sizeCategory(manifest.rows)}
configs:
  - config_name: default
    data_files:
      - split: train
        path: data/train-*
dataset_info:
  features:
${features(PUBLISHED_COLUMNS, '    ')}
  splits:
    - name: train
      num_bytes: ${arrowBytes}
      num_examples: ${manifest.rows}
  download_size: ${bytes}
  dataset_size: ${arrowBytes}
---

# ${recipe.title}

${recipe.description}

${grouped(manifest.rows)} rows in ${counted(manifest.files.length, 'file')} of Parquet, from ${counted(manifest.commits.length, 'commitment')} of ${counted(miners, 'miner')}. No two rows share an \`id\`; a row belongs to whoever
committed it to the chain first.

## Where a row comes from

\`url\` and \`scraped_at\` say what was fetched and when, \`fetch\` what the fetched bytes were and which extractor read them.
\`created_at\` is the time that the source states, and null where it states none.

## How to check it

\`manifest.json\` lists the SHA-256 of every file, the roots of the row trees (RFC 6962) and, under \`commits\`, the subnet, miner,
block and manifest digest of every commitment that rows were taken from. The column \`commit\` is an index into that list, \`leaf\`
the hash of the row as its miner committed it. \`seine dataset verify <folder>\` checks all of it against the chain.

## Rights

The texts are their authors'. Licence of this compilation: \`${recipe.license}\`.
`;
}

/** The columns as the `datasets` library writes its features in YAML. */
function features(columns: readonly Column[], indent: string): string {
  return columns.map((column) => `${indent}- name: ${column.name}\n${feature(column, `${indent}  `)}`).join('\n');
}

function feature(column: ColumnType, indent: string): string {
  if (column.type === 'struct') return `${indent}struct:\n${features(column.fields, `${indent}  `)}`;
  if (column.type !== 'list') return `${indent}dtype: ${DTYPES[column.type]}`;
  if (column.of.type === 'struct') return `${indent}list:\n${features(column.of.fields, `${indent}  `)}`;
  if (column.of.type === 'list') return `${indent}list:\n${feature(column.of, `${indent}  `)}`;
  return `${indent}list: ${DTYPES[column.of.type]}`;
}

const DTYPES = {
  text: 'string',
  word: 'string',
  int32: 'int32',
  int64: 'int64',
  time: 'timestamp[us, tz=UTC]',
} as const;

/** The hub's own steps. */
function sizeCategory(rows: number): string {
  const steps = ['1K', '10K', '100K', '1M', '10M', '100M', '1B', '10B', '100B', '1T'];
  const step = steps.findIndex((_, index) => rows < 10 ** (index + 3));
  if (step === 0) return 'n<1K';
  return step === -1 ? 'n>1T' : `${steps[step - 1]}<n<${steps[step]}`;
}

function counted(count: number, noun: string): string {
  return `${grouped(count)} ${noun}${count === 1 ? '' : 's'}`;
}

function grouped(count: number): string {
  return String(count).replaceAll(/\B(?=(\d{3})+$)/g, ',');
}
