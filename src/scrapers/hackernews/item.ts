import { canonicalJson } from '../../core/canonical-json.ts';
import { NO_METRICS } from '../../core/record.ts';
import type { DataRecord, Fetch } from '../../core/record.ts';
import { cleanLine } from '../web/clean-text.ts';
import { languageOf } from '../web/language.ts';
import { htmlText } from '../web/html-text.ts';

/** A JSON object of an answer; what it holds is yet to be looked at. */
export type Fields = Readonly<Record<string, unknown>>;

/** A hit or an item of the search (https://hn.algolia.com/api) by the names that Firebase has for its fields, with the `story` of a comment. */
export function firebaseFields(hit: Fields): Fields {
  const { _tags: tags, children } = hit;
  return {
    id: hit['id'] ?? Number(hit['objectID']),
    type: Array.isArray(tags) ? TYPES.find((type) => tags.includes(type)) : hit['type'],
    ...{ by: hit['author'], time: hit['created_at_i'], title: hit['title'], url: hit['url'], score: hit['points'] },
    text: hit['text'] ?? hit['comment_text'] ?? hit['story_text'],
    ...{ descendants: hit['num_comments'], parent: hit['parent_id'], story: hit['story_id'] },
    kids: Array.isArray(children) ? children.filter(isFields).map(({ id }) => id) : [],
  };
}

/**
 * The row of an item of Firebase (https://github.com/HackerNews/API); null where it is deleted, dead, of an unknown type, or lacks its
 * author or any words.
 */
export function itemRecord(item: Fields, scrapedAt: number, fetch: Fetch): DataRecord | null {
  const [id, time, parent] = [idOf(item['id']), idOf(item['time']), parentOf(item)];
  const type = TYPES.find((name) => name === item['type']);
  const author = cleanLine(stringOf(item['by']), MAX_LINE_LENGTH);
  // Titles hold entities, never markup: `<video>` in one is meant as it stands.
  const title = cleanLine(htmlText(stringOf(item['title']).replaceAll('<', '&lt;')), MAX_LINE_LENGTH);
  const text = htmlText(stringOf(item['text']));
  const url = cleanLine(stringOf(item['url']), MAX_LINE_LENGTH);
  if (item['deleted'] === true || item['dead'] === true || id === null || type === undefined) return null;
  // What a comment shows in its author's first minutes for reconsidering.
  if (author === null || (title ?? text) === null || text === '[delayed]') return null;
  const [, asked] = /^(ask|show) hn\b/i.exec(title ?? '') ?? [];
  const root = type === 'comment' ? idOf(item['story']) : type === 'pollopt' ? parent : id;
  return {
    ...{ id: recordId(id), source: 'hackernews', kind: type === 'comment' ? 'comment' : 'post' },
    url: `https://news.ycombinator.com/item?id=${id}`,
    author,
    created_at: idOf((time ?? 0) * 1_000_000),
    scraped_at: scrapedAt,
    lang: languageOf([title, text].join('\n')),
    ...{ title, text, tags: type === 'story' && asked !== undefined ? [type, `${asked.toLowerCase()}_hn`] : [type] },
    parent_id: parent === null ? null : recordId(parent),
    conversation_id: root === null ? null : recordId(root),
    metrics: { ...NO_METRICS, likes: countOf(item['score']), replies: countOf(item['descendants']) },
    ...{ media: [], fetch, extra: canonicalJson(url === null ? { type } : { type, url }) },
  };
}

/** What a comment answers, or the poll of an option. */
export function parentOf(item: Fields): number | null {
  return idOf(item['parent']) ?? idOf(item['poll']);
}

/** Ids of items, each once. */
export function idsOf(values: unknown): number[] {
  return Array.isArray(values) ? [...new Set(values.map(idOf).filter((id) => id !== null))] : [];
}

export function idOf(value: unknown): number | null {
  return Number.isSafeInteger(value) && (value as number) > 0 ? (value as number) : null;
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const recordId = (id: number): string => `hackernews:${id}`;
const countOf = (value: unknown): number | null => (value === 0 ? 0 : idOf(value));
const stringOf = (value: unknown): string => (typeof value === 'string' ? value : '');

const TYPES = ['story', 'comment', 'job', 'poll', 'pollopt'];
/** Of names, titles and URLs. */
const MAX_LINE_LENGTH = 2048;
