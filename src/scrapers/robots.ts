import { createRequire } from 'node:module';
import type { FetchedPage } from '../net/guarded-fetch.ts';

/** What a site's robots.txt (RFC 9309) asks of this crawler. */
export interface RobotsRules {
  /** False while robots.txt cannot be read: then nothing may be fetched (RFC 9309, 2.3.1.4). */
  isKnown: boolean;
  allows(url: string): boolean;
  /** Crawl-delay; null where none is asked for. */
  delayMs: number | null;
  sitemaps: string[];
}

/** The name that robots.txt files may address this crawler by. */
const ROBOT = 'seine';
/** RFC 9309, 2.5: at least 500 KiB are read. */
const MAX_LENGTH = 512 * 1024;
const MAX_DELAY_MS = 60_000;
const MAX_SITEMAPS = 20;

export const UNKNOWN_RULES: RobotsRules = { isKnown: false, allows: () => false, delayMs: null, sitemaps: [] };

/** The rules that an answer to a request for robots.txt means. 4xx: there are none; 5xx: they are not known. */
export function robotsRules(page: Pick<FetchedPage, 'status' | 'body'>, robotsUrl: string): RobotsRules {
  if (page.status >= 500 || page.status === 429) return UNKNOWN_RULES;
  const text = page.status >= 200 && page.status < 300 ? new TextDecoder().decode(page.body).slice(0, MAX_LENGTH) : '';
  const robot = parseRobots(robotsUrl, text);
  const delaySeconds = robot.getCrawlDelay(ROBOT);
  const delayMs = delaySeconds === undefined || !(delaySeconds >= 0) ? null : delaySeconds * 1000;
  return {
    isKnown: true,
    allows: (url) => robot.isAllowed(url, ROBOT) !== false,
    delayMs: delayMs === null ? null : Math.min(delayMs, MAX_DELAY_MS),
    sitemaps: robot.getSitemaps().slice(0, MAX_SITEMAPS),
  };
}

interface ParsedRobots {
  isAllowed(url: string, robot: string): boolean | undefined;
  /** Seconds. */
  getCrawlDelay(robot: string): number | undefined;
  getSitemaps(): string[];
}

// Its type declarations describe an ES module; the package is CommonJS.
const parseRobots = createRequire(import.meta.url)('robots-parser') as (url: string, text: string) => ParsedRobots;
