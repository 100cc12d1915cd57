import { cleanLine } from './clean-text.ts';
import { hasWord } from './page-elements.ts';
import type { PageElement, PageElements } from './page-elements.ts';

/** What a page states about itself; null where it states nothing. */
export interface PageFacts {
  title: string | null;
  author: string | null;
  /** Microseconds, UTC. */
  createdAt: number | null;
  isArticle: boolean;
  tags: string[];
  /** `href` of rel=canonical as written. */
  canonical: string | null;
}

/** Reads meta elements, JSON-LD and `time` elements; never guesses from prose. */
export function pageFacts(elements: PageElements): PageFacts {
  const linked = linkedData(elements);
  const metas = elements.named('meta').map(({ attribs }) => attribs);
  const stated = firstContents(metas);
  const meta = (...names: string[]) =>
    names.map((name) => stated.get(name)).find((content) => content !== undefined && content.trim() !== '');
  const article = linked.find((thing) => typesOf(thing).some((type) => ARTICLE_TYPES.has(type)));
  const dates = [
    meta('article:published_time', 'datePublished', 'dcterms.created', 'dc.date.issued', 'date'),
    text(article?.['datePublished']),
    elements.named('time').find(isPublished)?.attribs['datetime'],
  ];
  const authors = [
    meta('author', 'article:author', 'dc.creator'),
    nameOf(article?.['author']),
    elements.marked.find(isAuthor)?.text(),
  ];
  return {
    title: cleanLine(
      meta('og:title') ??
        elements
          .named('title')
          .find(({ parent }) => parent?.name === 'head')
          ?.text(),
      500,
    ),
    // Some pages put the address of a profile where the name belongs.
    author:
      authors.map((author) => cleanLine(author, 200)).find((name) => name !== null && !/^https?:/i.test(name)) ?? null,
    createdAt: dates.map((date) => parseInstant(date ?? '')).find((instant) => instant !== null) ?? null,
    isArticle: article !== undefined || meta('og:type')?.trim().toLowerCase() === 'article',
    tags: tagsOf(
      metas.filter(({ property }) => property === 'article:tag').map(({ content = '' }) => content),
      meta('keywords') ?? '',
    ),
    canonical:
      elements
        .named('link')
        .find(({ attribs }) => hasWord(attribs['rel'], 'canonical') && attribs['href'] !== undefined)?.attribs[
        'href'
      ] ?? null,
  };
}

function isPublished({ attribs }: PageElement): boolean {
  return attribs['itemprop'] === 'datePublished' || attribs['pubdate'] !== undefined;
}

function isAuthor(element: PageElement): boolean {
  if (element.attribs['rel'] === 'author') return true;
  if (element.attribs['itemprop'] !== 'name') return false;
  for (let above = element.parent; above !== null; above = above.parent) {
    if (above.attribs['itemprop'] === 'author') return true;
  }
  return false;
}

/** What the first `meta` of each name says, by whichever attribute it is named. */
function firstContents(metas: readonly Readonly<Record<string, string>>[]): Map<string, string | undefined> {
  const stated = new Map<string, string | undefined>();
  for (const { property, name, itemprop, content } of metas) {
    for (const key of [property, name, itemprop]) if (key !== undefined && !stated.has(key)) stated.set(key, content);
  }
  return stated;
}

/**
 * Microseconds of an ISO 8601 date or date-time. A date alone is its midnight in UTC; a time without a zone could be any of
 * 26 hours and is null, and so is everything else.
 */
export function parseInstant(text: string): number | null {
  if (!ISO_8601.test(text.trim())) return null;
  const ms = Date.parse(text.trim().replace(/([+-]\d{2})(\d{2})$/, '$1:$2'));
  return Number.isNaN(ms) ? null : ms * 1000;
}

const ISO_8601 = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2}))?$/;

type LinkedThing = Readonly<Record<string, unknown>>;

/** The things of the page's JSON-LD, `@graph` opened; broken blocks are passed over. */
function linkedData(elements: PageElements): LinkedThing[] {
  return elements
    .named('script')
    .filter(({ attribs }) => attribs['type']?.toLowerCase() === 'application/ld+json')
    .slice(0, MAX_BLOCKS)
    .flatMap((element) => {
      try {
        return thingsIn(JSON.parse(element.text()) as unknown);
      } catch {
        return [];
      }
    });
}

function thingsIn(value: unknown): LinkedThing[] {
  const list = Array.isArray(value) ? (value as unknown[]) : [value];
  return list.slice(0, MAX_THINGS).flatMap((item) => {
    if (!isThing(item)) return [];
    const graph = item['@graph'];
    return [item, ...(Array.isArray(graph) ? (graph as unknown[]).slice(0, MAX_THINGS).filter(isThing) : [])];
  });
}

function isThing(value: unknown): value is LinkedThing {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function typesOf(thing: LinkedThing): string[] {
  const type = thing['@type'];
  return (Array.isArray(type) ? (type as unknown[]) : [type]).filter((name) => typeof name === 'string');
}

function nameOf(author: unknown): string | undefined {
  const first: unknown = Array.isArray(author) ? author[0] : author;
  return text(isThing(first) ? first['name'] : first);
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function tagsOf(tags: readonly string[], keywords: string): string[] {
  const all = [...tags, ...keywords.split(',')].map((tag) => cleanLine(tag, 100)).filter((tag) => tag !== null);
  return [...new Set(all)].slice(0, MAX_TAGS);
}

const MAX_BLOCKS = 20;
const MAX_THINGS = 50;
const MAX_TAGS = 50;
const ARTICLE_TYPES = new Set(['Article', 'NewsArticle', 'BlogPosting', 'TechArticle', 'ScholarlyArticle', 'Report']);
