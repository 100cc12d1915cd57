import { hasWord } from '../web/page-elements.ts';
import { canonicalizeUrl } from '../web/canonical-url.ts';
import { bounded, elementText, htmlText } from './content-text.ts';
import { authorLine, guidLine, MAX_ENTRIES, mediaOf, NO_FEED, tagsOf, titleLine } from './feed-entry.ts';
import type { Enclosure, Feed, FeedEntry } from './feed-entry.ts';
import { parseFeedTime } from './feed-time.ts';
import { childrenOf, isElement, parseMarkup, textOf } from '../markup/markup.ts';
import type { MarkupElement } from '../markup/markup.ts';

/**
 * Reads RSS 2.0 (and its elders), RSS 1.0 or Atom (RFC 4287); anything else, and XML with declarations of its own, has no entries.
 * @param url the feed's own, for relative links
 */
export function parseXmlFeed(text: string, url: string): Feed {
  const root = parseMarkup(text, 'xml')?.childNodes.find(isElement);
  if (root === undefined) return NO_FEED;
  if (root.nodeName === 'atom:feed' || root.nodeName === 'feed') return atomFeed(root, url);
  if (root.nodeName !== 'rss' && root.nodeName !== 'rdf:RDF') return NO_FEED;
  const [channel] = childrenOf(root, 'channel');
  if (channel === undefined) return NO_FEED;
  const items = childrenOf(root.nodeName === 'rss' ? channel : root, 'item').slice(0, MAX_ENTRIES);
  return { entries: items.map((item) => rssEntry(item, url)), next: nextPages(channel, url) };
}

function rssEntry(item: MarkupElement, url: string): FeedEntry {
  const base = baseOf(item, url);
  const [guid] = childrenOf(item, 'guid');
  const guidText = guid === undefined ? undefined : textOf(guid).trim();
  const isPermalink = guid !== undefined && guid.attributes['isPermaLink']?.trim().toLowerCase() !== 'false';
  const link = textIn(item, 'link') ?? atomLink(item, base)?.attributes['href'];
  const permalink = isPermalink ? canonicalizeUrl(guidText ?? '') : null;
  const description = textIn(item, 'description');
  const content = textIn(item, 'content:encoded');
  return {
    guid: guidLine(guidText ?? item.attributes['rdf:about']),
    // Feeds without `link` name the page by their guid, or in RSS 1.0 by what the item is about.
    url:
      (link === undefined ? null : canonicalizeUrl(link.trim(), base)) ??
      permalink ??
      canonicalizeUrl(item.attributes['rdf:about']?.trim() ?? ''),
    title: titleLine(htmlText(textIn(item, 'title') ?? textIn(item, 'dc:title') ?? '')),
    author: authorLine(
      textIn(item, 'dc:creator') ?? rssAuthor(textIn(item, 'author')) ?? textIn(item, 'itunes:author'),
    ),
    publishedAt: timeIn(item, 'pubDate', 'dcterms:issued', 'dc:date', 'atom:published'),
    updatedAt: timeIn(item, 'dcterms:modified', 'atom:updated'),
    text: htmlText(content ?? description ?? ''),
    summary: htmlText(description ?? ''),
    tags: tagsOf(childrenOf(item, 'category', 'dc:subject').map(textOf)),
    media: mediaOf([...childrenOf(item, 'enclosure'), ...mediaContents(item)].map(enclosureOf), base),
  };
}

/** `ann@example.org (Ann Author)`: the name, since the address is not for publishing; else what is written. */
function rssAuthor(text: string | undefined): string | undefined {
  return /\(([^()]{1,200})\)\s*$/.exec((text ?? '').slice(0, 500))?.[1] ?? text;
}

function mediaContents(item: MarkupElement): MarkupElement[] {
  const groups = childrenOf(item, 'media:group');
  return [item, ...groups].flatMap((element) => childrenOf(element, 'media:content'));
}

function enclosureOf({ attributes }: MarkupElement): Enclosure {
  const medium = attributes['medium'];
  return {
    url: attributes['url'] ?? attributes['href'],
    mime: attributes['type'] ?? (medium === undefined ? '' : `${medium}/*`),
    bytes: Number(attributes['length'] ?? attributes['fileSize'] ?? 0),
    durationMs: Number(attributes['duration'] ?? 0) * 1000,
    width: Number(attributes['width'] ?? 0),
    height: Number(attributes['height'] ?? 0),
  };
}

function atomFeed(feed: MarkupElement, url: string): Feed {
  const author = atomAuthor(feed);
  const entries = childrenOf(feed, 'atom:entry', 'entry').slice(0, MAX_ENTRIES);
  return { entries: entries.map((entry) => atomEntry(entry, author, url)), next: nextPages(feed, url) };
}

function atomEntry(entry: MarkupElement, feedAuthor: string | null, url: string): FeedEntry {
  const base = baseOf(entry, url);
  const link = atomLink(entry, base);
  const [source] = childrenOf(entry, 'atom:source', 'source');
  return {
    guid: guidLine(textIn(entry, 'atom:id', 'id')),
    url: link === undefined ? null : canonicalizeUrl((link.attributes['href'] ?? '').trim(), baseOf(link, url)),
    title: titleLine(atomText(entry, 'title')),
    author: atomAuthor(entry) ?? (source === undefined ? null : atomAuthor(source)) ?? feedAuthor,
    publishedAt: timeIn(entry, 'atom:published', 'published', 'atom:issued', 'issued'),
    updatedAt: timeIn(entry, 'atom:updated', 'updated', 'atom:modified', 'modified'),
    text: atomText(entry, 'content') ?? atomText(entry, 'summary'),
    summary: atomText(entry, 'summary'),
    tags: tagsOf(
      childrenOf(entry, 'atom:category', 'category').map(({ attributes }) => attributes['label'] ?? attributes['term']),
    ),
    media: mediaOf([...linksIn(entry, 'enclosure'), ...mediaContents(entry)].map(enclosureOf), base),
  };
}

/** RFC 4287, 3.1 and 4.1.3: what an element holds by its type; null for what lies elsewhere or is no text. */
function atomText(entry: MarkupElement, name: string): string | null {
  const [element] = childrenOf(entry, `atom:${name}`, name);
  if (element === undefined || element.attributes['src'] !== undefined) return null;
  const type = element.attributes['type']?.trim().toLowerCase() ?? 'text';
  if (type === 'xhtml' || type === 'application/xhtml+xml') return elementText(element);
  if (type === 'html' || type === 'text/html') return htmlText(textOf(element));
  return type === 'text' || type.startsWith('text/') ? bounded(textOf(element)) : null;
}

function atomAuthor(element: MarkupElement): string | null {
  const [author] = childrenOf(element, 'atom:author', 'author');
  return author === undefined ? null : authorLine(textIn(author, 'atom:name', 'name'));
}

/** The alternate link, that to a web page first. */
function atomLink(entry: MarkupElement, base: string): MarkupElement | undefined {
  const links = linksIn(entry, 'alternate').filter(
    ({ attributes }) => canonicalizeUrl(attributes['href'] ?? '', base) !== null,
  );
  return links.find(({ attributes }) => (attributes['type'] ?? 'text/html').includes('html')) ?? links[0];
}

function linksIn(element: MarkupElement, rel: string): MarkupElement[] {
  return childrenOf(element, 'atom:link', 'link').filter(
    ({ attributes }) => attributes['href'] !== undefined && hasWord(attributes['rel'] ?? 'alternate', rel),
  );
}

function nextPages(feed: MarkupElement, url: string): string[] {
  const links = [...linksIn(feed, 'next'), ...linksIn(feed, 'prev-archive')].slice(0, 10);
  const urls = links.map((link) => canonicalizeUrl((link.attributes['href'] ?? '').trim(), baseOf(link, url)));
  return [...new Set(urls.filter((next) => next !== null))];
}

/** What relative links under an element stand on: xml:base of it and all above, each on the one above it (RFC 4287, 2). */
function baseOf(element: MarkupElement, url: string): string {
  const above = element.parent === null ? url : baseOf(element.parent, url);
  const own = element.attributes['xml:base']?.slice(0, 2048).trim();
  return own !== undefined && URL.canParse(own, above) ? new URL(own, above).href : above;
}

/** Text of the first element by one of these names that has any, names in order. */
function textIn(element: MarkupElement, ...names: string[]): string | undefined {
  for (const name of names) {
    for (const child of childrenOf(element, name)) {
      const text = textOf(child).trim();
      if (text !== '') return text;
    }
  }
  return undefined;
}

function timeIn(element: MarkupElement, ...names: string[]): number | null {
  return names.map((name) => parseFeedTime(textIn(element, name))).find((time) => time !== null) ?? null;
}
