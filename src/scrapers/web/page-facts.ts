import { cleanLine } from './clean-text.ts';
import { linkedArticle } from './linked-data.ts';
import { hasWord } from './page-elements.ts';
import type { PageElement, PageElements } from './page-elements.ts';
import { withoutSiteName } from './page-title.ts';

/** What a page states about itself; null where it states nothing. */
export interface PageFacts {
  /** Without the name of the site. */
  title: string | null;
  author: string | null;
  /** Microseconds, UTC. */
  createdAt: number | null;
  isArticle: boolean;
  tags: string[];
  /** The first part of a language tag (BCP 47), in lower case. */
  lang: string | null;
  /** `href` of rel=canonical as written. */
  canonical: string | null;
}

/** Reads Open Graph and other meta elements, JSON-LD, `time` elements and microformats; never guesses from prose. */
export function pageFacts(elements: PageElements): PageFacts {
  const article = linkedArticle(elements);
  const metas = elements.named('meta').map(({ attribs }) => attribs);
  const stated = firstContents(metas);
  const meta = (...names: string[]) =>
    names.map((name) => stated.get(name)).find((content) => content !== undefined && content.trim() !== '');
  const dates = [
    meta('article:published_time', 'datePublished', 'dcterms.created', 'dc.date.issued', 'date'),
    article?.published,
    dateOf(elements.named('time').find(isPublished)),
    only(elements.marked.filter(isMicroformatDate).map(dateOf)),
  ];
  const authors = [
    meta('author', 'article:author', 'dc.creator'),
    article?.author,
    elements.marked.find(isAuthor)?.text(),
    only(elements.marked.filter(isMicroformatAuthor).map((element) => cleanLine(element.text(), MAX_NAME_LENGTH))),
  ];
  return {
    title: titleOf(elements, meta('og:title') ?? article?.title, meta('og:site_name')),
    // Some pages put the address of a profile where the name belongs.
    author:
      authors
        .map((author) => cleanLine(author, MAX_NAME_LENGTH))
        .find((name) => name !== null && !/^https?:/i.test(name)) ?? null,
    createdAt: dates.map((date) => parseInstant(date ?? '')).find((instant) => instant !== null) ?? null,
    isArticle: article !== null || meta('og:type')?.trim().toLowerCase() === 'article',
    tags: tagsOf([
      ...metas.filter(({ property }) => property === 'article:tag').map(({ content = '' }) => content),
      ...(meta('keywords') ?? '').split(','),
      ...(article?.keywords ?? []),
      ...linkedTags(elements),
    ]),
    lang: languageIn(elements.named('html')[0]?.attribs['lang'] ?? article?.language ?? meta('og:locale')),
    canonical:
      elements
        .named('link')
        .find(({ attribs }) => hasWord(attribs['rel'], 'canonical') && attribs['href'] !== undefined)?.attribs[
        'href'
      ] ?? null,
  };
}

function titleOf(elements: PageElements, stated: string | undefined, siteName: string | undefined): string | null {
  const inHead = elements.named('title').find(({ parent }) => parent?.name === 'head');
  const title = cleanLine(stated ?? inHead?.text(), MAX_TITLE_LENGTH);
  if (title === null) return null;
  const headings = elements.named('h1').slice(0, MAX_HEADINGS);
  return withoutSiteName(
    title,
    headings.map((heading) => heading.text()),
    cleanLine(siteName, MAX_TITLE_LENGTH),
  );
}

function isPublished({ attribs }: PageElement): boolean {
  return attribs['itemprop'] === 'datePublished' || attribs['pubdate'] !== undefined;
}

function isMicroformatDate({ attribs }: PageElement): boolean {
  return hasWord(attribs['class'], 'published') || hasWord(attribs['class'], 'dt-published');
}

function dateOf(element: PageElement | undefined): string | undefined {
  return element?.attribs['datetime'] ?? element?.attribs['title'];
}

function isAuthor(element: PageElement): boolean {
  if (element.attribs['rel'] === 'author') return true;
  return element.attribs['itemprop'] === 'name' && isWithin(element, ({ itemprop }) => itemprop === 'author');
}

function isMicroformatAuthor(element: PageElement): boolean {
  const { class: classes } = element.attribs;
  if (hasWord(classes, 'p-author')) return true;
  return hasWord(classes, 'fn') && isWithin(element, (above) => hasWord(above['class'], 'author'));
}

function isWithin(element: PageElement, isWanted: (attribs: PageElement['attribs']) => boolean): boolean {
  for (let above = element.parent; above !== null; above = above.parent) if (isWanted(above.attribs)) return true;
  return false;
}

/** A page that lists several posts states what is true of each of them alone. */
function only<T>(values: readonly (T | null | undefined)[]): T | undefined {
  const distinct = new Set(values);
  return distinct.size === 1 ? (values[0] ?? undefined) : undefined;
}

/** What links with rel=tag say of the page, unless it shows several articles. */
function linkedTags(elements: PageElements): string[] {
  if (elements.named('article').length > 1) return [];
  const links = elements.named('a').filter(({ attribs }) => hasWord(attribs['rel'], 'tag'));
  return links.slice(0, MAX_TAGS).map((link) => link.text());
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

function languageIn(tag: string | undefined): string | null {
  const language = /^\s*([a-z]{2,3})(?:[-_]|\s*$)/i.exec(tag ?? '')?.[1]?.toLowerCase();
  return language === undefined || NO_LANGUAGE.has(language) ? null : language;
}

function tagsOf(tags: readonly string[]): string[] {
  const lines = tags.map((tag) => cleanLine(tag, 100)).filter((tag) => tag !== null);
  return [...new Set(lines)].slice(0, MAX_TAGS);
}

const MAX_TITLE_LENGTH = 500;
const MAX_NAME_LENGTH = 200;
const MAX_HEADINGS = 5;
const MAX_TAGS = 50;
/** Tags for undetermined, several, and none (ISO 639-2). */
const NO_LANGUAGE = new Set(['und', 'mul', 'zxx']);
