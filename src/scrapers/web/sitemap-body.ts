import { gunzipSync } from 'node:zlib';
import type { FetchedPage } from '../../net/guarded-fetch.ts';

/**
 * The bytes of a sitemap that is kept as a gzip file (`sitemap.xml.gz`), unpacked; null for bodies that are none, are broken, or unpack to more
 * than a sitemap may have or than text ever packs to.
 */
export function unpackedSitemap({ url, headers, body }: FetchedPage): Uint8Array | null {
  const type = (headers['content-type'] ?? '').toLowerCase();
  const isNamed = /^application\/(?:x-)?gzip\b/.test(type) || new URL(url).pathname.toLowerCase().endsWith('.gz');
  if (!isNamed || body[0] !== 0x1f || body[1] !== 0x8b) return null;
  const maxOutputLength = Math.min(MAX_SITEMAP_BYTES, body.length * MAX_RATIO + MIN_BOUND_BYTES);
  try {
    return gunzipSync(body, { maxOutputLength });
  } catch {
    return null;
  }
}

/** The protocol's own limit (sitemaps.org, 50 MB). */
const MAX_SITEMAP_BYTES = 50_000_000;
/** Sitemaps of very similar addresses come to some 50; gzip's most is 1,030. */
const MAX_RATIO = 200;
const MIN_BOUND_BYTES = 65_536;
