import { canonicalizeUrl } from '../web/canonical-url.ts';
import { bounded, htmlText } from './content-text.ts';
import { authorLine, guidLine, MAX_ENTRIES, mediaOf, NO_FEED, tagsOf, titleLine } from './feed-entry.ts';
import type { Feed, FeedEntry } from './feed-entry.ts';
import { parseFeedTime } from './feed-time.ts';

type Members = Readonly<Record<string, unknown>>;

/** Reads a JSON Feed (versions 1 and 1.1); anything else has no entries. @param url the feed's own, for relative links */
export function parseJsonFeed(text: string, url: string): Feed {
  const feed = membersOf(parsed(text));
  if (!(string(feed['version']) ?? '').startsWith('https://jsonfeed.org/version/1')) return NO_FEED;
  const author = authorOf(feed);
  const next = canonicalizeUrl(string(feed['next_url']) ?? '#', url);
  return {
    entries: list(feed['items'])
      .slice(0, MAX_ENTRIES)
      .map((item) => entryOf(membersOf(item), author, url)),
    next: string(feed['next_url']) === undefined || next === null ? [] : [next],
  };
}

function entryOf(item: Members, feedAuthor: string | null, base: string): FeedEntry {
  // Version 1 had numbers for ids.
  const guid = guidLine(typeof item['id'] === 'number' ? String(item['id']) : string(item['id']));
  const place = string(item['url']) ?? string(item['external_url']);
  const attachments = list(item['attachments']).map(membersOf);
  const html = string(item['content_html']);
  return {
    guid,
    // An id ought to be the URL of the item (JSON Feed 1.1, "Items"), which stands where there is no other.
    url: place === undefined ? canonicalizeUrl(guid ?? '') : canonicalizeUrl(place.trim(), base),
    title: titleLine(string(item['title'])),
    author: authorOf(item) ?? feedAuthor,
    publishedAt: parseFeedTime(string(item['date_published'])),
    updatedAt: parseFeedTime(string(item['date_modified'])),
    text: (html === undefined ? null : htmlText(html)) ?? bounded(string(item['content_text']) ?? ''),
    summary: bounded(string(item['summary']) ?? ''),
    tags: tagsOf(list(item['tags']).map(string)),
    media: mediaOf(
      [
        ...attachments.map((attachment) => ({
          url: string(attachment['url']),
          mime: string(attachment['mime_type']),
          bytes: number(attachment['size_in_bytes']),
          durationMs: (number(attachment['duration_in_seconds']) ?? 0) * 1000,
        })),
        { url: string(item['image']), mime: 'image/*' },
      ],
      base,
    ),
  };
}

function authorOf(thing: Members): string | null {
  const first = membersOf(list(thing['authors'])[0] ?? thing['author']);
  return authorLine(string(first['name']));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}

function membersOf(value: unknown): Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Members) : {};
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : [];
}

function string(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function number(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}
