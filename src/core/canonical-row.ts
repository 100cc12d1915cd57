import { canonicalJson } from './canonical-json.ts';
import { InvalidInputError } from './errors.ts';
import { KINDS, SOURCES } from './record.ts';
import type { DataRecord } from './record.ts';

const HEX64 = /^[0-9a-f]{64}$/;
const HEX16 = /^[0-9a-f]{16}$/;

/**
 * The text of a row that is hashed into the row tree (DESIGN.md, "Canonical row"): RFC 8785 JSON of every column, nulls
 * explicit. Throws InvalidInputError when the row breaks the format.
 */
export function canonicalRow(row: DataRecord): string {
  assertRow(row);
  return canonicalJson(row);
}

/** Refuses a row that has a missing, surplus or ill-typed column. */
export function assertRow(row: DataRecord): void {
  const fail = (what: string): never => {
    throw new InvalidInputError(`row ${JSON.stringify(row.id)}: ${what}`, { id: row.id });
  };
  if (Object.keys(row).length !== COLUMNS.length || COLUMNS.some((name) => !(name in row))) {
    fail(`columns are ${Object.keys(row).join(', ')}`);
  }
  if (typeof row.id !== 'string' || !row.id.startsWith(`${row.source}:`)) fail('id does not begin with its source');
  if (!SOURCES.includes(row.source)) fail(`unknown source ${String(row.source)}`);
  if (!KINDS.includes(row.kind)) fail(`unknown kind ${String(row.kind)}`);
  if (typeof row.url !== 'string' || row.url === '') fail('no url');
  if (row.scraped_at === null) fail('no scraped_at');
  if (!HEX64.test(row.fetch.body_sha256)) fail('fetch.body_sha256 is not 64 lower-case hex characters');
  for (const media of row.media) {
    if (media.sha256 !== null && !HEX64.test(media.sha256)) fail('media.sha256 is not 64 lower-case hex characters');
    if (media.phash !== null && !HEX16.test(media.phash)) fail('media.phash is not 16 lower-case hex characters');
  }
  for (const name of TEXT_COLUMNS) {
    const value = row[name];
    if (value !== null && typeof value !== 'string') fail(`${name} is not text`);
  }
  if (!Array.isArray(row.tags) || !row.tags.every((tag) => typeof tag === 'string')) fail('tags is not a list of text');
}

const TEXT_COLUMNS = [
  'author',
  'lang',
  'title',
  'text',
  'parent_id',
  'conversation_id',
  'extra',
] as const satisfies readonly (keyof DataRecord)[];

/** The columns, in the order of the Parquet schema. */
export const COLUMNS = [
  'id',
  'source',
  'kind',
  'url',
  'author',
  'created_at',
  'scraped_at',
  'lang',
  'title',
  'text',
  'tags',
  'parent_id',
  'conversation_id',
  'metrics',
  'media',
  'fetch',
  'extra',
] as const satisfies readonly (keyof DataRecord)[];
