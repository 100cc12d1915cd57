import { InvalidInputError } from '../../core/errors.ts';
import { sha256Hex } from '../../core/hash/sha256.ts';
import type { DataRecord } from '../../core/record.ts';
import type { FetchedPage } from '../../net/guarded-fetch.ts';
import { emptyPage, UnreadableAnswerError } from '../source.ts';
import type { Source } from '../source.ts';
import { firebaseFields, idOf, idsOf, isFields, itemRecord, parentOf } from './item.ts';
import type { Fields } from './item.ts';

/** Of the API of lists and items, and of the search. */
export interface HackerNewsOrigins {
  firebase: string;
  search: string;
}

/**
 * Hacker News by its own API and by its search. Seeds name lists (`topstories`, `maxitem`, `updates`), `item/<id>` or `user/<name>`; queries
 * are searched, newest first. Items lead to their comments and back. A row is checked at the API that it came from, because only the search
 * knows the story of a comment.
 */
export function createHackerNewsSource({ firebase, search }: HackerNewsOrigins): Source {
  const itemUrl = (id: number): string => `${firebase}/v0/item/${id}.json`;
  return {
    name: 'hackernews',
    summary: 'stories, comments, polls and jobs of Hacker News, by its lists, its items and its search',
    offers: ['crawl', 'feed', 'search', 'fetch'],
    mayChange: MAY_CHANGE,
    hosts: [new URL(firebase).host, new URL(search).host],
    obeysRobots: false,
    accepts: ['application/json', 'text/*'],
    maxBodyBytes: MAX_BODY_BYTES,
    starts({ seeds, queries }) {
      const lists = seeds.map((seed) => `${firebase}/v0/${listName(seed, `${firebase}/v0/`)}.json`);
      const searches = queries.map((query) => {
        const parameters = { query, tags: '(story,comment,poll,job)', hitsPerPage: '100', page: '0' };
        return `${search}/api/v1/search_by_date?${new URLSearchParams(parameters).toString()}`;
      });
      return [...new Set([...lists, ...searches])];
    },
    read(page, scrapedAt) {
      const { url, status } = page;
      // What Last-Modified says of an answer of an API is no date of what it speaks of.
      const empty = { ...emptyPage(page), lastModified: null };
      if (status < 200 || status > 299) return empty;
      const fetch = { url, status, body_sha256: sha256Hex(page.body), extractor: 'hackernews-1' };
      const rows = (items: Fields[]): DataRecord[] =>
        items.map((item) => itemRecord(item, scrapedAt, fetch)).filter((record) => record !== null);
      const { origin, pathname, searchParams } = new URL(url);
      const isSearch = origin === search && pathname.startsWith('/api/v1/');
      const isFirebase = origin === firebase && pathname.startsWith('/v0/');
      if (!isSearch && !isFirebase) throw new UnreadableAnswerError(page, 'a redirect');
      const answer = parse(page);
      // Firebase has no 404.
      if (answer === null && !isSearch) return { ...empty, status: 404 };
      const [, asked] = /\/items?\/(\d+)(?:\.json)?$/.exec(pathname) ?? [];
      if (asked !== undefined) {
        const item = !isFields(answer) ? {} : isSearch ? firebaseFields(answer) : answer;
        if (item['id'] !== Number(asked)) throw new UnreadableAnswerError(page, 'something else than the item');
        const near = [parentOf(item), ...idsOf(item['kids']), ...idsOf(item['parts'])].filter((id) => id !== null);
        return { ...empty, records: rows([item]), links: near.slice(0, MAX_LINKS).map(itemUrl) };
      }
      if (!isSearch) return { ...empty, links: listed(page, answer).map(itemUrl) };
      if (!isFields(answer) || !Array.isArray(answer['hits'])) throw new UnreadableAnswerError(page, 'no results');
      const records = rows(answer['hits'].filter(isFields).map(firebaseFields));
      const next = Number(searchParams.get('page')) + 1;
      if (!(next < Math.min(idOf(answer['nbPages']) ?? 0, MAX_LINKS))) return { ...empty, records };
      searchParams.set('page', String(next));
      const nextUrl = `${search}${pathname}?${searchParams.toString()}`;
      // A feed too: what a page of results holds moves on with every new hit.
      return { ...empty, records, links: [nextUrl], feeds: [nextUrl] };
    },
    addressOf({ id, fetch }) {
      const [, number] = /^hackernews:([1-9]\d{0,14})$/.exec(id) ?? [];
      if (number === undefined) throw new InvalidInputError(`${id.slice(0, 80)} is no id of Hacker News`);
      return fetch.url.startsWith(`${search}/api/v1/`) ? `${search}/api/v1/items/${number}` : itemUrl(Number(number));
    },
    canonicalId({ url }) {
      const [, number] = /^https:\/\/news\.ycombinator\.com\/item\?id=([1-9]\d{0,14})$/.exec(url) ?? [];
      return number === undefined ? null : `hackernews:${number}`;
    },
  };
}

/** The API's own addresses, which begin with `prefix`, are seeds too. */
function listName(seed: string, prefix: string): string {
  const name = seed.startsWith(prefix) ? seed.slice(prefix.length).replace(/\.json$/, '') : seed;
  if (SEED.test(name)) return name;
  const known = 'topstories (or new, best, ask, show, job), maxitem, updates, item/<id> or user/<name>';
  throw new InvalidInputError(`${seed.slice(0, 80)} is no seed of Hacker News: write ${known}`);
}

function parse(page: FetchedPage): unknown {
  if (page.body.length > MAX_BODY_BYTES) throw new UnreadableAnswerError(page, `more than ${MAX_BODY_BYTES} bytes`);
  try {
    return JSON.parse(new TextDecoder().decode(page.body));
  } catch {
    throw new UnreadableAnswerError(page, 'no JSON');
  }
}

/** The items that a list, a user or the updates name; of `maxitem`, which is one number, the newest. */
function listed(page: FetchedPage, answer: unknown): number[] {
  const newest = idOf(answer);
  if (newest !== null) return idsOf(Array.from({ length: NEWEST_ITEMS }, (_, index) => newest - index));
  const list = isFields(answer) ? (answer['items'] ?? answer['submitted'] ?? []) : answer;
  if (!Array.isArray(list)) throw new UnreadableAnswerError(page, 'no list of items');
  return idsOf(list.slice(0, MAX_LINKS));
}

/** Votes and answers come in; authors edit for two hours, moderators for longer; language, tags and URL (`extra`) follow. */
const MAY_CHANGE = new Set(['scraped_at', 'fetch', 'metrics', 'title', 'text', 'lang', 'tags', 'extra'] as const);
const SEED = /^(?:(?:top|new|best|ask|show|job)stories|maxitem|updates|item\/[1-9]\d{0,14}|user\/[\w-]{1,64})$/;
/** The longest thread with its text is some 5 MB. */
const MAX_BODY_BYTES = 16_000_000;
/** Comments on one item, items of one user, pages of one search. */
const MAX_LINKS = 10_000;
const NEWEST_ITEMS = 500;
