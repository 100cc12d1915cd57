import type { Media } from '../../core/record.ts';
import { cleanLine } from '../web/clean-text.ts';
import { canonicalizeUrl } from '../web/canonical-url.ts';

/** One entry of a feed in any format; null where it states nothing. */
export interface FeedEntry {
  /** `guid`, `atom:id` or `id` as written. */
  guid: string | null;
  /** Canonical URL of the page that the entry stands for. */
  url: string | null;
  title: string | null;
  author: string | null;
  /** Microseconds, UTC. */
  publishedAt: number | null;
  updatedAt: number | null;
  /** Content without markup. */
  text: string | null;
  /** Summary without markup. */
  summary: string | null;
  tags: string[];
  media: Media[];
}

export interface Feed {
  /** In the order of the feed, at most MAX_ENTRIES. */
  entries: FeedEntry[];
  /** Canonical URLs of the feed's further pages (RFC 5005: `next`, `prev-archive`; JSON Feed: `next_url`). */
  next: string[];
}

export const NO_FEED: Feed = { entries: [], next: [] };

export const MAX_ENTRIES = 1000;
const MAX_TAGS = 50;
const MAX_MEDIA = 50;

export const titleLine = (text: string | null | undefined) => cleanLine(text, 500);
export const authorLine = (text: string | null | undefined) => cleanLine(text, 200);
export const guidLine = (text: string | null | undefined) => cleanLine(text, 2048);

export function tagsOf(tags: readonly (string | null | undefined)[]): string[] {
  const lines = tags.slice(0, MAX_TAGS * 4).map((tag) => cleanLine(tag, 100));
  return [...new Set(lines.filter((tag) => tag !== null))].slice(0, MAX_TAGS);
}

export interface Enclosure {
  url: string | undefined;
  mime?: string | undefined;
  bytes?: number | undefined;
  durationMs?: number | undefined;
  width?: number | undefined;
  height?: number | undefined;
}

/** Enclosures as media, each URL once, as the feed states them; nothing is fetched. */
export function mediaOf(enclosures: readonly Enclosure[], base: string): Media[] {
  const media = new Map<string, Media>();
  for (const { url, mime, bytes, durationMs, width, height } of enclosures.slice(0, MAX_MEDIA)) {
    const place = url === undefined ? null : canonicalizeUrl(url.trim(), base);
    if (place === null || media.has(place)) continue;
    const type = cleanLine(mime, 100)?.toLowerCase() ?? '';
    const [kind = ''] = type.split('/', 1);
    media.set(place, {
      url: place,
      kind: ['image', 'audio', 'video'].includes(kind) ? kind : 'file',
      // `image/*` says the kind alone.
      mime: type.endsWith('/*') ? '' : type,
      bytes: count(bytes, Number.MAX_SAFE_INTEGER),
      sha256: null,
      width: count(width, MAX_INT32),
      height: count(height, MAX_INT32),
      duration_ms: count(durationMs, MAX_INT32),
      phash: null,
    });
  }
  return [...media.values()];
}

/** Feeds write 0 for what they do not know. */
function count(value: number | undefined, max: number): number | null {
  const whole = Math.round(value ?? 0);
  return Number.isSafeInteger(whole) && whole > 0 && whole <= max ? whole : null;
}

const MAX_INT32 = 2_147_483_647;
