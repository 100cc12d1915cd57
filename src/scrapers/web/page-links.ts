import { canonicalizeUrl } from './canonical-url.ts';
import { hasWord } from './page-elements.ts';
import type { PageElement, PageElements } from './page-elements.ts';

const MAX_LINKS = 2000;
const MAX_FEEDS = 10;
const FEED_TYPES = new Set(['application/atom+xml', 'application/rss+xml', 'application/feed+json']);

/** What relative links of the page stand on. */
export function baseOf(elements: PageElements, url: string): string {
  const base = elements.named('base').find(({ attribs }) => attribs['href'] !== undefined)?.attribs['href'];
  return base !== undefined && URL.canParse(base, url) ? new URL(base, url).href : url;
}

/**
 * Canonical URLs of the page's links, each once, those marked nofollow left out: first the pages before and after it in a series and its versions in
 * other languages (`hreflang`), which it may state in its head alone; then the others in their order.
 */
export function linksOf(elements: PageElements, base: string): string[] {
  const links = new Set<string>();
  for (const { name, attribs } of elements.named('link', 'a', 'area')) {
    if (attribs['href'] === undefined || hasWord(attribs['rel'], 'nofollow')) continue;
    if (name === 'link' && !isPageLink(attribs)) continue;
    const link = canonicalizeUrl(attribs['href'], base);
    if (link !== null) links.add(link);
    if (links.size === MAX_LINKS) break;
  }
  return [...links];
}

/** Whether a `link` leads to a page that a person may go to from here. */
function isPageLink({ rel, hreflang, type = 'text/html' }: PageElement['attribs']): boolean {
  if (hasWord(rel, 'next') || hasWord(rel, 'prev')) return true;
  return hasWord(rel, 'alternate') && hreflang !== undefined && type.toLowerCase() === 'text/html';
}

/** Feeds that the page announces. */
export function feedsOf(elements: PageElements, base: string): string[] {
  const urls = elements
    .named('link')
    .filter(
      ({ attribs }) => hasWord(attribs['rel'], 'alternate') && FEED_TYPES.has(attribs['type']?.toLowerCase() ?? ''),
    )
    .map(({ attribs }) => canonicalizeUrl(attribs['href'] ?? '', base))
    .filter((url) => url !== null);
  return [...new Set(urls)].slice(0, MAX_FEEDS);
}

/** What the page asks of robots: directives of the meta element and the `x-robots-tag` header that name no single robot. */
export function robotsDirectives(elements: PageElements, header: string): Set<string> {
  const texts = elements
    .named('meta')
    .filter(({ attribs }) => attribs['name']?.toLowerCase() === 'robots')
    .map(({ attribs }) => attribs['content'] ?? '');
  return new Set(
    [...texts, header].flatMap((text) => text.split(',')).map((directive) => directive.trim().toLowerCase()),
  );
}
