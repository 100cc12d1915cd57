import { canonicalJson, parseCanonicalJson } from './canonical-json.ts';
import { InvalidInputError } from './errors.ts';
import { KINDS, SOURCES } from './record.ts';
import type { DataRecord, Fetch, Media, Metrics } from './record.ts';

const HEX64 = /^[0-9a-f]{64}$/;
const HEX16 = /^[0-9a-f]{16}$/;

/** Columns that publishing adds to a row. */
export interface Publishing {
  commit: number;
  leaf: string;
}

/**
 * The text of a row that is hashed into the row tree (DESIGN.md, "Canonical row"): RFC 8785 JSON of every column, nulls
 * explicit. Throws InvalidInputError when the row breaks the format.
 */
export function canonicalRow(row: DataRecord): string {
  return canonicalText(row, undefined);
}

/** The same with the columns of publishing, which aren't checked here. */
export function canonicalRowWith(row: DataRecord, publishing: Publishing): string {
  return canonicalText(row, publishing);
}

function canonicalText(row: DataRecord, publishing: Publishing | undefined): string {
  assertRow(row);
  // Of what `assertRow` lets pass, JSON.stringify writes the canonical form where members come in order, several times as fast as
  // `canonicalJson`. Only lone surrogates differ, which it writes as escapes that begin with \ud: then `canonicalJson` looks closer, and refuses them.
  const text = JSON.stringify(inOrder(row, publishing));
  return text.includes('\\ud') ? canonicalJson({ ...row, ...publishing }) : text;
}

/** The same row with its members in the order of RFC 8785; those that are undefined are left out of JSON. */
function inOrder(row: DataRecord, publishing: Publishing | undefined): object {
  const { fetch } = row;
  return {
    author: row.author,
    commit: publishing?.commit,
    conversation_id: row.conversation_id,
    created_at: row.created_at,
    extra: row.extra,
    fetch: { body_sha256: fetch.body_sha256, extractor: fetch.extractor, status: fetch.status, url: fetch.url },
    id: row.id,
    kind: row.kind,
    lang: row.lang,
    leaf: publishing?.leaf,
    media: row.media.map(mediaInOrder),
    metrics: metricsInOrder(row.metrics),
    parent_id: row.parent_id,
    scraped_at: row.scraped_at,
    source: row.source,
    tags: row.tags,
    text: row.text,
    title: row.title,
    url: row.url,
  };
}

function metricsInOrder({ bookmarks, likes, quotes, replies, reposts, views }: Metrics): Metrics {
  return { bookmarks, likes, quotes, replies, reposts, views };
}

function mediaInOrder(media: Media): Media {
  const { bytes, duration_ms, height, kind, mime, phash, sha256, url, width } = media;
  return { bytes, duration_ms, height, kind, mime, phash, sha256, url, width };
}

/** Refuses, with an InvalidInputError, whatever is not a row: a missing, surplus or ill-typed column. */
export function assertRow(row: DataRecord): void {
  const problem = problemOf(row);
  if (problem === null) return;
  const id: unknown = isObject(row) ? row.id : null;
  throw new InvalidInputError(`row ${JSON.stringify(id)}: ${problem}`, { id });
}

function problemOf(row: unknown): string | null {
  if (!isObject(row)) return 'is no object';
  const shape = shapeProblem(row, ROW_SHAPE);
  if (shape !== null) return shape;
  const { id, source, kind, url, title, text, extra, metrics, media, fetch } = row as unknown as DataRecord;
  if (!SOURCES.includes(source)) return `unknown source ${source}`;
  if (!KINDS.includes(kind)) return `unknown kind ${kind}`;
  if (!id.startsWith(`${source}:`)) return 'id does not begin with its source';
  if (url === '') return 'no url';
  for (const value of [title, text]) if (value !== null && value !== value.normalize('NFC')) return 'text is not NFC';
  if (extra !== null && !isCanonical(extra)) return 'extra is not canonical JSON';
  const metricsProblem = isObject(metrics) ? shapeProblem(metrics, METRICS_SHAPE) : 'is no object';
  if (metricsProblem !== null) return `metrics: ${metricsProblem}`;
  const fetchProblem = isObject(fetch) ? shapeProblem(fetch, FETCH_SHAPE) : 'is no object';
  if (fetchProblem !== null) return `fetch: ${fetchProblem}`;
  for (const item of media) {
    const problem = isObject(item) ? shapeProblem(item, MEDIA_SHAPE) : 'is no object';
    if (problem !== null) return `media: ${problem}`;
  }
  return null;
}

type Check = (value: unknown) => boolean;

const isText: Check = (value) => typeof value === 'string';
const isInteger: Check = (value) => Number.isSafeInteger(value);
const isDigest: Check = (value) => typeof value === 'string' && HEX64.test(value);
const isHash: Check = (value) => typeof value === 'string' && HEX16.test(value);
const orNull =
  (check: Check): Check =>
  (value) =>
    value === null || check(value);

const ROW_SHAPE = shape<DataRecord>({
  ...{ id: isText, source: isText, kind: isText, url: isText, author: orNull(isText) },
  ...{ created_at: orNull(isInteger), scraped_at: isInteger, lang: orNull(isText) },
  ...{ title: orNull(isText), text: orNull(isText) },
  tags: (value) => Array.isArray(value) && value.every(isText),
  ...{ parent_id: orNull(isText), conversation_id: orNull(isText) },
  ...{ metrics: isObject, media: Array.isArray, fetch: isObject, extra: orNull(isText) },
});

const METRICS_SHAPE = shape<Metrics>({
  ...{ likes: orNull(isInteger), replies: orNull(isInteger), reposts: orNull(isInteger) },
  ...{ quotes: orNull(isInteger), views: orNull(isInteger), bookmarks: orNull(isInteger) },
});

const MEDIA_SHAPE = shape<Media>({
  ...{ url: isText, kind: isText, mime: isText, bytes: orNull(isInteger), sha256: orNull(isDigest) },
  ...{ width: orNull(isInteger), height: orNull(isInteger), duration_ms: orNull(isInteger), phash: orNull(isHash) },
});

const FETCH_SHAPE = shape<Fetch>({
  ...{ url: isText, status: isInteger, body_sha256: isDigest, extractor: isText },
});

type Shape = readonly (readonly [name: string, check: Check])[];

function shape<Of>(checks: Record<keyof Of, Check>): Shape {
  return Object.entries<Check>(checks);
}

/** What is wrong with an object's columns; null when they are those of the shape. */
function shapeProblem(object: Record<string, unknown>, shape: Shape): string | null {
  for (const [name, check] of shape) {
    if (!Object.hasOwn(object, name)) return `no column ${name}`;
    if (!check(object[name])) return `${name} has a value of another type or form`;
  }
  const names = Object.keys(object);
  if (names.length === shape.length) return null;
  return `unknown column ${names.find((name) => shape.every(([known]) => known !== name))}`;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isCanonical(text: string): boolean {
  try {
    parseCanonicalJson(text);
    return true;
  } catch {
    return false;
  }
}
