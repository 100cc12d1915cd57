import { TOOL } from '../core/version.ts';
import type { Column } from './column-types.ts';

/** Columns of a shard: those of DataRecord, in canonical-row order (DESIGN.md, section 4). */
export const RECORD_COLUMNS: readonly Column[] = [
  { name: 'id', type: 'text', nullable: false },
  { name: 'source', type: 'word', nullable: false },
  { name: 'kind', type: 'word', nullable: false },
  { name: 'url', type: 'text', nullable: false },
  { name: 'author', type: 'text', nullable: true },
  { name: 'created_at', type: 'time', nullable: true },
  { name: 'scraped_at', type: 'time', nullable: false },
  { name: 'lang', type: 'word', nullable: true },
  { name: 'title', type: 'text', nullable: true },
  { name: 'text', type: 'text', nullable: true },
  { name: 'tags', type: 'list', nullable: false, of: { name: 'element', type: 'text', nullable: false } },
  { name: 'parent_id', type: 'text', nullable: true },
  { name: 'conversation_id', type: 'text', nullable: true },
  {
    name: 'metrics',
    type: 'struct',
    nullable: false,
    fields: ['likes', 'replies', 'reposts', 'quotes', 'views', 'bookmarks'].map((name): Column => ({
      name,
      type: 'int64',
      nullable: true,
    })),
  },
  {
    name: 'media',
    type: 'list',
    nullable: false,
    of: {
      name: 'element',
      type: 'struct',
      nullable: false,
      fields: [
        { name: 'url', type: 'text', nullable: false },
        { name: 'kind', type: 'text', nullable: false },
        { name: 'mime', type: 'text', nullable: false },
        { name: 'bytes', type: 'int64', nullable: true },
        { name: 'sha256', type: 'text', nullable: true },
        { name: 'width', type: 'int32', nullable: true },
        { name: 'height', type: 'int32', nullable: true },
        { name: 'duration_ms', type: 'int64', nullable: true },
        { name: 'phash', type: 'text', nullable: true },
      ],
    },
  },
  {
    name: 'fetch',
    type: 'struct',
    nullable: false,
    fields: [
      { name: 'url', type: 'text', nullable: false },
      { name: 'status', type: 'int32', nullable: false },
      { name: 'body_sha256', type: 'text', nullable: false },
      { name: 'extractor', type: 'text', nullable: false },
    ],
  },
  { name: 'extra', type: 'text', nullable: true },
];

/** Columns of a published dataset: a record, its row leaf as committed (hex), and the index of its commit in the manifest. */
export const PUBLISHED_COLUMNS: readonly Column[] = [
  ...RECORD_COLUMNS,
  { name: 'leaf', type: 'text', nullable: false },
  { name: 'commit', type: 'int32', nullable: false },
];

/** Rows to a batch and to a row group. Other borders make other bytes. */
export const BATCH_ROWS = 65_536;
export const MAX_SHARD_ROWS = 1_000_000;
export const MAX_SHARD_BYTES = 512 * 2 ** 20;

/** Settings of the Parquet writer that decide its bytes. */
export const WRITER = {
  createdBy: TOOL,
  pageBytes: 2 ** 20,
  dictionaryPageBytes: 2 ** 20,
  /**
   * Columns whose values hardly repeat: a dictionary would only be built to be thrown away. Top-level ones alone, because
   * parquet-wasm takes a dotted name for one column of that name.
   */
  withoutDictionary: ['id', 'url', 'title', 'text', 'created_at', 'scraped_at', 'extra', 'leaf'],
} as const;
