import { fingerprint, shapeCounter } from './fingerprint.ts';
import type { KnownUrls } from './known-urls.ts';
import { urlShape, urlTrap } from './url-shape.ts';

export interface FrontierUrl {
  /** Canonical. */
  url: string;
  /** Links from a seed; beyond 999 counts as 999. @default 0 */
  depth?: number;
  /** 0 (first) to 9; what is nearer to the seeds comes first among equals, then what was found first. @default 5 */
  priority?: number;
}

export interface PackedLinks {
  /** What is sent: each once, none that is known or a trap. */
  links: string[];
  /** Traps by reason, as counters. */
  passed: Record<string, number>;
  /** JSON for the scripts: fingerprint, counter of the shape, level, URL; again and again. One text costs less than many arguments. */
  packed: string;
}

export function packLinks(found: readonly FrontierUrl[], known: KnownUrls): PackedLinks {
  const links = new Map<string, number>();
  const passed: Record<string, number> = {};
  for (const { url, depth = 0, priority = DEFAULT_PRIORITY } of found) {
    if (known.has(url)) continue;
    const level = priority * 1000 + Math.min(depth, MAX_DEPTH);
    const before = links.get(url);
    if (before === undefined || level < before) links.set(url, level);
  }
  const values: (string | number)[] = [];
  for (const [url, level] of links) {
    const trap = urlTrap(url);
    if (trap === null) {
      values.push(fingerprint(url), shapeCounter(urlShape(url)), level, url);
    } else {
      passed[`passed:${trap}`] = (passed[`passed:${trap}`] ?? 0) + 1;
      links.delete(url);
    }
  }
  return { links: [...links.keys()], passed, packed: JSON.stringify(values) };
}

const DEFAULT_PRIORITY = 5;
/** What a level has room for. */
const MAX_DEPTH = 999;
