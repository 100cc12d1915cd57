import type { Digest } from '../core/manifest.ts';
import type { Column, ColumnType } from './column-types.ts';
import { describe } from './column-types.ts';
import type { DatasetManifest } from './dataset-manifest.ts';
import type { RowCounts } from './row-counts.ts';
import { PUBLISHED_COLUMNS } from './schema.ts';

/**
 * `README.md` of a dataset: the front matter that the Hugging Face hub and the `datasets` library read (configs, features,
 * splits, sizes), then a page for people. Nothing in it depends on when or where it was built.
 * @param digest of the manifest, which a reader can compare
 */
export function renderCard(manifest: DatasetManifest, digest: Digest): string {
  const { recipe, rows, counts } = manifest;
  const bytes = manifest.files.reduce((sum, file) => sum + file.bytes, 0);
  // The hub calls the size of the rows in memory `dataset_size`.
  const unpackedBytes = manifest.files.reduce((sum, file) => sum + file.unpacked_bytes, 0);
  const miners = new Set(manifest.commits.map((commit) => commit.hotkey)).size;
  return `---
license: ${JSON.stringify(recipe.license)}
pretty_name: ${JSON.stringify(recipe.title)}
${languages(counts)}size_categories:
  - ${sizeCategory(rows)}
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
      num_bytes: ${unpackedBytes}
      num_examples: ${rows}
  download_size: ${bytes}
  dataset_size: ${unpackedBytes}
---

# ${recipe.title}

${recipe.description}

${grouped(rows)} rows in ${counted(manifest.files.length, 'file')} of Parquet, from ${counted(manifest.commits.length, 'commitment')} of ${counted(miners, 'miner')}. No two rows share an \`id\`; a row belongs to whoever
committed it to the chain first.

## What is in it

| | rows |
|---|---:|
${tally('source', counts.sources)}${tally('kind', counts.kinds)}${tally('language', counts.languages)}| language unknown | ${grouped(counts.without_language)} |
| no time of publication | ${grouped(counts.without_created_at)} |

${period(counts)}

## Columns

${PUBLISHED_COLUMNS.map((column) => `- \`${column.name}\`${column.nullable ? ', may be null' : ''}: ${describe(column)}`).join('\n')}

## Where a row comes from

\`url\` and \`scraped_at\` say what was fetched and when, \`fetch\` what the fetched bytes were and which extractor read them.
\`created_at\` is the time that the source states, and null where it states none.

## How to check it

The manifest is \`${digest}\`. It lists the SHA-256 of every file, the roots of the row trees (RFC 6962) and, under \`commits\`, the
subnet, miner, block and manifest digest of every commitment that rows were taken from. The column \`commit\` is an index into that
list, \`leaf\` the hash of the row as its miner committed it; the miners' manifests and all their leaves lie in \`commits/\`.
\`seine dataset verify <folder>\` checks all of it against the chain; \`seine dataset prove <folder> <id>\` writes the proof of one row.

## Versions

${versions(manifest)}

## Known limits

${[...(recipe.limits ?? []), ...LIMITS].map((limit) => `- ${limit}`).join('\n')}

## Rights

The texts are their authors'. Licence of this compilation: \`${recipe.license}\`. Rows are withdrawn on request: the next version leaves
them out and says so, signed, without repeating them.
`;
}

/** What holds for every dataset that is made this way. */
const LIMITS = [
  'Texts were extracted from pages by a program, which may miss parts or keep navigation.',
  'Languages were detected by a program, and are null where it was not sure.',
  'Metrics are as seen at `scraped_at`, and were not looked at again.',
  'Miners choose what they scrape among what is wanted: this is no random sample of the web.',
  'Rows were checked against their sources by sample, not one by one.',
];

function languages({ languages }: RowCounts): string {
  const names = Object.keys(languages).sort();
  return names.length === 0 ? '' : `language:\n${names.map((name) => `  - ${JSON.stringify(name)}\n`).join('')}`;
}

function tally(what: string, counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
    .map(([name, rows]) => `| ${what} \`${name.replaceAll(/[|`\n]/g, ' ')}\` | ${grouped(rows)} |\n`)
    .join('');
}

function period({ first_created_at: first, last_created_at: last }: RowCounts): string {
  if (first === null || last === null) return 'No row states when it was published.';
  return `Published between ${day(first)} and ${day(last)}, as the sources state it.`;
}

/** UTC; beyond what a date can be, microseconds. */
function day(micros: number): string {
  const millis = Math.floor(micros / 1000);
  return Math.abs(millis) > 8.64e15 ? String(micros) : (new Date(millis).toISOString().split('T')[0] ?? '');
}

function versions({ base, changes, tombstones }: DatasetManifest): string {
  const withdrawn = tombstones.length === 0 ? '' : ` ${counted(tombstones.length, 'row')} withdrawn in all.`;
  if (base === null || changes === null) return `This is the first version.${withdrawn}`;
  return `Built on version \`${base}\`: ${counted(changes.added.rows, 'row')} added, ${grouped(changes.removed.rows)} removed.${withdrawn}`;
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
