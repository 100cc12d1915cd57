import type { PageElements } from './page-elements.ts';

/** What a page's JSON-LD says of the article that the page is; undefined where it says nothing. */
export interface LinkedArticle {
  title: string | undefined;
  author: string | undefined;
  published: string | undefined;
  language: string | undefined;
  keywords: string[];
}

type LinkedThing = Readonly<Record<string, unknown>>;

/** The first article (schema.org) of the page's JSON-LD, `@graph` opened; broken blocks are passed over. Null where there is none. */
export function linkedArticle(elements: PageElements): LinkedArticle | null {
  const things = elements
    .named('script')
    .filter(({ attribs }) => attribs['type']?.trim().toLowerCase() === 'application/ld+json')
    .slice(0, MAX_BLOCKS)
    .flatMap((element) => {
      try {
        return thingsIn(JSON.parse(element.text()) as unknown);
      } catch {
        return [];
      }
    });
  const article = things.find((thing) => typesOf(thing).some((type) => ARTICLE_TYPES.has(type)));
  if (article === undefined) return null;
  const { keywords } = article;
  return {
    title: text(article['headline']) ?? text(article['name']),
    author: nameOf(article['author'] ?? article['creator'], things),
    published: text(article['datePublished']) ?? text(article['dateCreated']),
    language: text(article['inLanguage']),
    keywords: (Array.isArray(keywords) ? (keywords as unknown[]) : (text(keywords) ?? '').split(','))
      .slice(0, MAX_THINGS)
      .filter((word) => typeof word === 'string'),
  };
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

/** A name, a thing with one, or a thing that only points by `@id` to where its name is. */
function nameOf(author: unknown, things: readonly LinkedThing[]): string | undefined {
  const first: unknown = Array.isArray(author) ? author[0] : author;
  if (!isThing(first)) return text(first);
  const id = first['@id'];
  const named =
    id === undefined ? undefined : things.find((thing) => thing['@id'] === id && text(thing['name']) !== undefined);
  return text(first['name']) ?? text(named?.['name']);
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value : undefined;
}

const MAX_BLOCKS = 20;
const MAX_THINGS = 50;
const ARTICLE_TYPES = new Set([
  'AdvertiserContentArticle',
  'AnalysisNewsArticle',
  'Article',
  'BackgroundNewsArticle',
  'BlogPosting',
  'DiscussionForumPosting',
  'LiveBlogPosting',
  'NewsArticle',
  'OpinionNewsArticle',
  'Report',
  'ReportageNewsArticle',
  'ReviewNewsArticle',
  'ScholarlyArticle',
  'SocialMediaPosting',
  'TechArticle',
]);
