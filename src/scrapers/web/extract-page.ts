import { load } from 'cheerio';
import { sha256Hex } from '../../core/hash/sha256.ts';
import { NO_METRICS } from '../../core/record.ts';
import type { DataRecord } from '../../core/record.ts';
import type { FetchedPage } from '../../net/guarded-fetch.ts';
import { canonicalizeUrl, isSameSite } from './canonical-url.ts';
import { decodeText } from './decode-text.ts';
import { languageOf } from './language.ts';
import { EXTRACTOR, mainText } from './main-text.ts';
import type { MainText } from './main-text.ts';
import { pageElements } from './page-elements.ts';
import type { PageElement } from './page-elements.ts';
import { pageFacts } from './page-facts.ts';
import type { PageFacts } from './page-facts.ts';
import { baseOf, feedsOf, linksOf, robotsDirectives } from './page-links.ts';

export interface ExtractInput extends Omit<FetchedPage, 'redirects'> {
  /** Microseconds, UTC. */
  scrapedAt: number;
  /** Whether the body is what a browser showed after scripts ran; said in the record's provenance. */
  byBrowser: boolean;
}

export interface ExtractedPage {
  /** Null when the page has no text, must not be indexed, is no HTML, or names another page as its canonical self. */
  record: DataRecord | null;
  /** Canonical URLs, each once. */
  links: string[];
  /** Feeds that the page announces. */
  feeds: string[];
  /** There is hardly any text and there are scripts that may bring it. */
  needsBrowser: boolean;
  /** The page asks not to be kept. */
  isNoindex: boolean;
}

/** What is added to the extractor's name when a browser made the body. */
export const BROWSER_MARK = '+browser';

/**
 * Reads an HTML page. Pure: the same bytes at the same URL give the same text, on a miner and on whoever checks it.
 *
 * A row is made only at the page's canonical place. Where rel=canonical (within the site) names another URL, that URL is the
 * first link instead: whoever checks the row fetches its URL and must find this very page there.
 */
export function extractPage(page: ExtractInput): ExtractedPage {
  const html = decodeText(page.body, page.headers['content-type'] ?? '');
  if (html.length > MAX_HTML_LENGTH) return NOTHING;
  const $ = load(html);
  const elements = pageElements($);
  if (elements === null) return NOTHING;

  const base = baseOf(elements, page.url);
  const facts = pageFacts(elements);
  const url = canonicalPlace(facts.canonical, base, page.url);
  if (url === null) return NOTHING;
  const isElsewhere = url !== canonicalizeUrl(page.url) && url !== canonicalizeUrl(page.requestedUrl);
  const directives = robotsDirectives(elements, page.headers['x-robots-tag'] ?? '');
  const isNoindex = directives.has('noindex') || directives.has('none');
  const links = directives.has('nofollow') || directives.has('none') ? [] : linksOf(elements, base);
  const feeds = feedsOf(elements, base);
  const hasScripts = elements.named('script').some(isProgram);
  if (isElsewhere || isNoindex || page.status < 200 || page.status > 299) {
    return { ...NOTHING, links: isElsewhere ? [...new Set([url, ...links])] : links, feeds, isNoindex };
  }

  const main = mainText($, base, facts.title);
  return {
    record: main === null ? null : recordOf(page, url, facts, main),
    links,
    feeds,
    needsBrowser: hasScripts && (main?.text ?? '').length < HARDLY_ANY_TEXT,
    isNoindex,
  };
}

function recordOf(page: ExtractInput, url: string, facts: PageFacts, main: MainText): DataRecord {
  return {
    id: `web:${url}`,
    source: 'web',
    kind: facts.isArticle ? 'article' : 'page',
    url,
    author: facts.author,
    created_at: facts.createdAt,
    scraped_at: page.scrapedAt,
    lang: languageOf(main.text) ?? facts.lang,
    title: facts.title,
    text: main.text,
    tags: facts.tags,
    parent_id: null,
    conversation_id: null,
    metrics: NO_METRICS,
    media: main.media,
    fetch: {
      url: page.url,
      status: page.status,
      body_sha256: sha256Hex(page.body),
      extractor: page.byBrowser ? EXTRACTOR + BROWSER_MARK : EXTRACTOR,
    },
    extra: null,
  };
}

/** The URL that the page stands for: its rel=canonical within the site, else its own. */
function canonicalPlace(stated: string | null, base: string, url: string): string | null {
  const own = canonicalizeUrl(url);
  const canonical = stated === null ? null : canonicalizeUrl(stated, base);
  return canonical !== null && own !== null && isSameSite(own, canonical) ? canonical : own;
}

/** Whether a script runs, as far as its type says. */
function isProgram({ attribs: { type } }: PageElement): boolean {
  return type === undefined || type === '' || type.toLowerCase() === 'module' || /javascript/i.test(type);
}

const NOTHING: ExtractedPage = { record: null, links: [], feeds: [], needsBrowser: false, isNoindex: false };

/** UTF-16 units. A page of text is 10,000 to 100,000. */
const MAX_HTML_LENGTH = 2_000_000;
/** UTF-16 units of main text; under this, a page with scripts is shown to a browser. */
const HARDLY_ANY_TEXT = 200;
