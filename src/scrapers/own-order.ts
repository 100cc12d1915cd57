import { sha256Hex } from '../core/hash/sha256.ts';

/**
 * URLs in an order that the seed alone decides. Miners of one job have seeds of their own: in the site's order all of them would crawl the
 * same pages first, and all but one of them for nothing.
 */
export function ownOrder(urls: readonly string[], seed: string): string[] {
  return urls
    .map((url) => ({ url, rank: sha256Hex(`${seed}.${url}`) }))
    .sort((a, b) => (a.rank < b.rank ? -1 : 1))
    .map(({ url }) => url);
}
