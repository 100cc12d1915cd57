import type { CheerioAPI } from 'cheerio';
import { cleanLine } from './clean-text.ts';

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
export function pageFacts($: CheerioAPI): PageFacts {
  const linked = linkedData($);
  const meta = (...names: string[]) =>
    names
      .map((name) =>
        $(`meta[property="${name}"], meta[name="${name}"], meta[itemprop="${name}"]`).first().attr('content'),
      )
      .find((content) => content !== undefined && content.trim() !== '');
  const article = linked.find((thing) => typesOf(thing).some((type) => ARTICLE_TYPES.has(type)));
  const dates = [
    meta('article:published_time', 'datePublished', 'dcterms.created', 'dc.date.issued', 'date'),
    text(article?.['datePublished']),
    $('time[itemprop="datePublished"], time[pubdate]').first().attr('datetime'),
  ];
  const authors = [
    meta('author', 'article:author', 'dc.creator'),
    nameOf(article?.['author']),
    $('[itemprop="author"] [itemprop="name"], [rel="author"]').first().text(),
  ];
  return {
    title: cleanLine(meta('og:title') ?? $('head > title').first().text(), 500),
    // Some pages put the address of a profile where the name belongs.
    author:
      authors.map((author) => cleanLine(author, 200)).find((name) => name !== null && !/^https?:/i.test(name)) ?? null,
    createdAt: dates.map((date) => parseInstant(date ?? '')).find((instant) => instant !== null) ?? null,
    isArticle: article !== undefined || meta('og:type')?.trim().toLowerCase() === 'article',
    tags: tagsOf(
      $('meta[property="article:tag"]')
        .toArray()
        .map((element) => $(element).attr('content') ?? ''),
      meta('keywords') ?? '',
    ),
    canonical: $('link[rel~="canonical" i][href]').first().attr('href') ?? null,
  };
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
function linkedData($: CheerioAPI): LinkedThing[] {
  return $('script[type="application/ld+json"]')
    .toArray()
    .slice(0, MAX_BLOCKS)
    .flatMap((element) => {
      try {
        return thingsIn(JSON.parse($(element).text()) as unknown);
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
