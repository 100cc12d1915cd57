import type { CheerioAPI } from 'cheerio';
import { canonicalizeUrl } from './canonical-url.ts';

const MAX_LINKS = 2000;
const MAX_FEEDS = 10;

/** What relative links of the page stand on. */
export function baseOf($: CheerioAPI, url: string): string {
  const base = $('base[href]').first().attr('href');
  return base !== undefined && URL.canParse(base, url) ? new URL(base, url).href : url;
}

/** Canonical URLs of the page's links in their order, each once, those marked nofollow left out. */
export function linksOf($: CheerioAPI, base: string): string[] {
  const links = new Set<string>();
  for (const element of $('a[href], area[href]').not('[rel~="nofollow" i]').toArray()) {
    const link = canonicalizeUrl($(element).attr('href') ?? '', base);
    if (link !== null) links.add(link);
    if (links.size === MAX_LINKS) break;
  }
  return [...links];
}

/** Atom and RSS feeds that the page announces. */
export function feedsOf($: CheerioAPI, base: string): string[] {
  const urls = $(
    'link[rel~="alternate" i][type="application/atom+xml"], link[rel~="alternate" i][type="application/rss+xml"]',
  )
    .toArray()
    .map((element) => canonicalizeUrl($(element).attr('href') ?? '', base))
    .filter((url) => url !== null);
  return [...new Set(urls)].slice(0, MAX_FEEDS);
}

/** What the page asks of robots: directives of the meta element and the `x-robots-tag` header that name no single robot. */
export function robotsDirectives($: CheerioAPI, header: string): Set<string> {
  const texts = $('meta[name="robots" i]')
    .toArray()
    .map((element) => $(element).attr('content') ?? '');
  return new Set(
    [...texts, header].flatMap((text) => text.split(',')).map((directive) => directive.trim().toLowerCase()),
  );
}
