import type { Feed } from './feed-entry.ts';
import { parseJsonFeed } from './json-feed.ts';
import { parseXmlFeed } from './xml-feed.ts';

/** Reads a feed in any format, told by its first character, since servers name types at random. @param url the feed's own, for relative links */
export function parseFeed(text: string, url: string): Feed {
  return /^[\ufeff\s]{0,1000}\{/.test(text.slice(0, 1001))
    ? parseJsonFeed(text.replace(/^\ufeff/, ''), url)
    : parseXmlFeed(text, url);
}
