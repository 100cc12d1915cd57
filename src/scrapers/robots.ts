import type { FetchedPage } from '../net/guarded-fetch.ts';
import { retryAfterMs } from '../net/retry-after.ts';

/** What a site's robots.txt (RFC 9309) asks of this crawler. */
export interface RobotsRules {
  /** False while robots.txt cannot be read: then nothing may be fetched (RFC 9309, 2.3.1.4). */
  isKnown: boolean;
  /** @param url of the site that the rules are of */
  allows(url: string): boolean;
  /** Crawl-delay; null where none is asked for. */
  delayMs: number | null;
  sitemaps: string[];
  /** How long its server asked to be left alone instead of giving it, ms; null where it did not. */
  retryAfterMs: number | null;
}

/** RFC 9309, 2.5: at least 500 KiB are read. */
export const MAX_ROBOTS_BYTES = 512 * 1024;

export const UNKNOWN_RULES: RobotsRules = {
  ...{ isKnown: false, allows: () => false, delayMs: null, sitemaps: [], retryAfterMs: null },
};

/** The rules that an answer to a request for robots.txt means. 4xx: there are none; 5xx: they are not known. */
export function robotsRules(page: Pick<FetchedPage, 'status' | 'body' | 'headers'>): RobotsRules {
  if (page.status >= 500 || page.status === 429) {
    return { ...UNKNOWN_RULES, retryAfterMs: retryAfterMs(page.headers['retry-after']) };
  }
  const isThere = page.status >= 200 && page.status < 300;
  const { own, everyone, sitemaps } = parseRobots(isThere ? page.body.subarray(0, MAX_ROBOTS_BYTES) : new Uint8Array());
  const group = own ?? everyone ?? { rules: [], delaySeconds: null };
  // The longest pattern that matches decides; of two as long, the one that allows (2.2.2).
  const rules = group.rules.sort((a, b) => b.length - a.length || Number(b.isAllowed) - Number(a.isAllowed));
  return {
    isKnown: true,
    allows(url) {
      if (rules.length === 0) return true;
      const { pathname, search } = new URL(url);
      const path = plainEscapes(pathname + search);
      if (path === '/robots.txt') return true;
      return rules.find((rule) => matches(rule, path))?.isAllowed ?? true;
    },
    delayMs: group.delaySeconds === null ? null : Math.min(group.delaySeconds * 1000, MAX_DELAY_MS),
    sitemaps: sitemaps.slice(0, MAX_SITEMAPS),
    retryAfterMs: null,
  };
}

interface Rule {
  isAllowed: boolean;
  /** What stands between the pattern's asterisks. */
  parts: string[];
  /** Whether the pattern ends where the path does. */
  isAnchored: boolean;
  /** Of the pattern. */
  length: number;
}

interface Group {
  rules: Rule[];
  delaySeconds: number | null;
}

interface Robots {
  /** Of groups that name this crawler; null where none does. */
  own: Group | null;
  everyone: Group | null;
  sitemaps: string[];
}

function parseRobots(body: Uint8Array): Robots {
  const robots: Robots = { own: null, everyone: null, sitemaps: [] };
  let groups: Group[] = [];
  let isNaming = false;
  for (const line of new TextDecoder().decode(body).split(/\r\n|\r|\n/)) {
    const [text = ''] = line.split('#', 1);
    const colon = text.indexOf(':');
    if (colon < 0) continue;
    const field = text.slice(0, colon).trim().toLowerCase();
    const value = text.slice(colon + 1).trim();
    if (field === 'sitemap' && value !== '') robots.sitemaps.push(value);
    if (field === 'user-agent') {
      // Those that stand together name one group, and groups of one crawler are one (2.2.1).
      if (!isNaming) groups = [];
      const token = /^[a-z_-]+|^\*/i.exec(value)?.[0].toLowerCase();
      if (token === ROBOT) groups.push((robots.own ??= { rules: [], delaySeconds: null }));
      if (token === '*') groups.push((robots.everyone ??= { rules: [], delaySeconds: null }));
      isNaming = true;
    } else if (field === 'allow' || field === 'disallow') {
      if (value !== '') for (const group of groups) group.rules.push(parseRule(value, field === 'allow'));
      isNaming = false;
    } else if (field === 'crawl-delay') {
      const seconds = value === '' ? Number.NaN : Number(value);
      for (const group of groups) if (seconds >= 0) group.delaySeconds = Math.max(group.delaySeconds ?? 0, seconds);
      isNaming = false;
    }
  }
  return robots;
}

function parseRule(value: string, isAllowed: boolean): Rule {
  const pattern = plainEscapes(value.replace(/[^!-~]/gu, encodeURIComponent));
  const isAnchored = pattern.endsWith('$');
  const parts = (isAnchored ? pattern.slice(0, -1) : pattern).split('*');
  return { isAllowed, parts, isAnchored, length: pattern.length };
}

/** Takes each part where it first stands: no pattern makes it try again. */
function matches({ parts, isAnchored }: Rule, path: string): boolean {
  const [first = '', ...others] = parts;
  if (!path.startsWith(first)) return false;
  if (others.length === 0) return !isAnchored || path.length === first.length;
  const last = isAnchored ? (others.pop() ?? '') : '';
  let at = first.length;
  for (const part of others) {
    const found = path.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return path.endsWith(last) && path.length - last.length >= at;
}

/** Escapes in upper case, and none where the character needs none (2.2.2). */
function plainEscapes(path: string): string {
  if (!path.includes('%')) return path;
  return path.replace(/%([0-9a-f]{2})/gi, (escape, digits: string) => {
    const character = String.fromCharCode(parseInt(digits, 16));
    return /^[\w.~-]$/.test(character) ? character : escape.toUpperCase();
  });
}

/** The name that robots.txt files may address this crawler by. */
const ROBOT = 'seine';
const MAX_DELAY_MS = 60_000;
const MAX_SITEMAPS = 20;
