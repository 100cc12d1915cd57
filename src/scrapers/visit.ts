import { setTimeout as sleep } from 'node:timers/promises';
import { SeineError } from '../core/errors.ts';
import { hostOf } from '../core/wanted.ts';
import { TooManyRedirectsError } from '../net/fetch-errors.ts';
import { movedTo } from '../net/guarded-fetch.ts';
import type { FetchedPage, GuardedFetch } from '../net/guarded-fetch.ts';
import { BrowserMissingError } from './browser/errors.ts';
import type { BrowserPool } from './browser/pool.ts';
import type { KnownList } from './list-memory.ts';
import type { PageReader } from './page-reader.ts';
import { TurnTooFarError } from './politeness.ts';
import type { Politeness } from './politeness.ts';
import type { Source, SourcePage } from './source.ts';

/** What came of going to a URL. `failed` may pass with time, `refused` will not. */
export type Visit =
  | { outcome: 'page'; page: SourcePage; etag: string | null; lastModified: string | null }
  /** As it was when the validators that were sent along were got (304). */
  | { outcome: 'unchanged' }
  | { outcome: 'gone'; status: number }
  | {
      outcome: 'failed';
      reason: string;
      /** What it failed at: the URL's host, or one that it redirects to. */
      host: string;
      retryAfterMs: number | null;
      /** How often in a row the host has asked to wait by now; 0 where this is no such answer. */
      strikes: number;
    }
  | { outcome: 'refused'; reason: string };

export interface VisitDeps {
  source: Source;
  fetch: GuardedFetch;
  /** Null on workers that have none; a page that needs one is then an error. */
  browser: BrowserPool | null;
  /** Reads pages in a thread of its own, with a deadline. @default here, with none: for pages that are not hostile */
  reader?: PageReader;
  politeness: Politeness;
  /** Microseconds, UTC. */
  now: () => number;
  signal?: AbortSignal;
}

export interface VisitOptions {
  byBrowser: boolean;
  /** Whether a redirect to this URL is followed: of the job's hosts, or the source's. */
  mayFollow: (url: string) => boolean;
  /** What is known of the page from an earlier visit. @default nothing: it is asked for whole */
  known?: Pick<KnownList, 'etag' | 'lastModified'> | null;
}

/**
 * Goes to a URL, and where it redirects to, as a guest: each time only where robots.txt lets it in, and in turn; a host that asks to wait (429,
 * 503, robots.txt out of reach) is left alone for a while by all workers. Rejects only with the reason of an abort and with errors that are no
 * fault of the URL, TurnTooFarError among them.
 */
export async function visit(deps: VisitDeps, url: string, options: VisitOptions): Promise<Visit> {
  for (const way = [url]; ;) {
    const visited = await step(deps, way, options);
    if (visited.outcome !== 'moved') return visited;
    if (!options.mayFollow(visited.url)) return { outcome: 'refused', reason: 'host_not_in_job' };
    way.push(visited.url);
  }
}

/** A redirect, to be followed or not. */
interface Moved {
  outcome: 'moved';
  url: string;
}

/** @param way the URL that was asked for, and those that redirects led to; the last is gone to */
async function step(deps: VisitDeps, way: readonly string[], options: VisitOptions): Promise<Visit | Moved> {
  const { source, fetch, politeness } = deps;
  const url = way.at(-1) ?? '';
  const host = hostOf(url);
  // Of the first host whoever visits it has made sure, before robots.txt is asked for.
  if (way.length > 1) await waitPause(deps, host);
  if (source.obeysRobots) {
    const rules = await politeness.rules(url, fetch);
    if (!rules.isKnown) return await backingOff(politeness, failed(host, NO_ROBOTS, rules.retryAfterMs));
    if (!rules.allows(url)) return { outcome: 'refused', reason: 'robots_disallowed' };
    await waitTurn(deps, host, politeness.delayMs(rules));
  } else {
    await waitTurn(deps, host, politeness.delayMs({ delayMs: null }));
  }
  const visited = await ask(deps, way, options);
  if (visited.outcome !== 'failed') await politeness.answered(host);
  else if (ASKS_TO_WAIT.has(visited.reason)) return await backingOff(politeness, visited);
  return visited;
}

async function ask(deps: VisitDeps, way: readonly string[], options: VisitOptions): Promise<Visit | Moved> {
  const { source, signal } = deps;
  const [requestedUrl = '', ...redirects] = way;
  const url = way.at(-1) ?? '';
  try {
    // Before the request: a change that the source dates later was not yet to be seen.
    const scrapedAt = deps.now();
    const fetched = { ...(await getPage(deps, url, options)), requestedUrl, redirects };
    if (fetched.status === 304) return { outcome: 'unchanged' };
    const moved = movedTo(fetched);
    if (moved !== null) return { outcome: 'moved', url: followable(moved, way) };
    const { byBrowser } = options;
    const page = await (deps.reader?.read(source.name, fetched, scrapedAt, byBrowser) ??
      source.read(fetched, scrapedAt, byBrowser));
    return judgeStatus(page, fetched);
  } catch (error) {
    signal?.throwIfAborted();
    if (!(error instanceof SeineError) || error.name === 'BrowserMissing') throw error;
    return error.remedy === 'never' ? { outcome: 'refused', reason: error.name } : failed(hostOf(url), error.name);
  }
}

function followable(moved: string, way: readonly string[]): string {
  const isLoop = way.includes(moved);
  if (isLoop || way.length > MAX_REDIRECTS) throw new TooManyRedirectsError(way[0] ?? '', [...way, moved], isLoop);
  return moved;
}

export type Failed = Extract<Visit, { outcome: 'failed' }>;

function failed(host: string, reason: string, retryAfterMs: number | null = null): Failed {
  return { outcome: 'failed', reason, host, retryAfterMs, strikes: 0 };
}

async function backingOff(politeness: Politeness, visited: Failed): Promise<Failed> {
  const { strikes } = await politeness.backOff(visited.host, visited.retryAfterMs);
  return { ...visited, strikes };
}

/** Throws TurnTooFarError where a redirect leads to a host that is to be left alone for long. */
async function waitPause({ politeness, signal }: VisitDeps, host: string): Promise<void> {
  const waitMs = await politeness.pauseMs(host);
  if (waitMs > MAX_PAUSE_MS) throw new TurnTooFarError(host, waitMs);
  if (waitMs > 0) await sleep(waitMs, undefined, signal === undefined ? {} : { signal });
}

async function waitTurn({ politeness, signal }: VisitDeps, host: string, delayMs: number): Promise<void> {
  const waitMs = await politeness.takeTurn(host, delayMs);
  if (waitMs > 0) await sleep(waitMs, undefined, signal === undefined ? {} : { signal });
}

async function getPage(deps: VisitDeps, url: string, { byBrowser, known }: VisitOptions): Promise<FetchedPage> {
  const { fetch, browser, source, signal } = deps;
  const aborted = signal === undefined ? {} : { signal };
  if (byBrowser) {
    if (browser === null) throw new BrowserMissingError(url);
    return await browser.render(url, { ...aborted, follow: false });
  }
  const headers = {
    ...(known?.etag == null ? {} : { 'if-none-match': known.etag }),
    ...(known?.lastModified == null ? {} : { 'if-modified-since': known.lastModified }),
  };
  const { accepts, maxBodyBytes } = source;
  return await fetch(url, { ...aborted, headers, accepts, maxBodyBytes, follow: false });
}

function judgeStatus(page: SourcePage, { headers }: FetchedPage): Visit {
  const { status } = page;
  const reason = `status_${status}`;
  if (status >= 200 && status < 300) {
    return { outcome: 'page', page, etag: headers['etag'] ?? null, lastModified: headers['last-modified'] ?? null };
  }
  if (status === 404 || status === 410) return { outcome: 'gone', status };
  if (status >= 500 || status === 408 || status === 429) {
    return failed(hostOf(page.url), reason, page.retryAfterMs);
  }
  return { outcome: 'refused', reason };
}

export const NO_ROBOTS = 'robots_unreachable';
/** As many as the guarded client follows by itself. */
const MAX_REDIRECTS = 5;
/** As long as a back-off lasts by itself. */
const MAX_PAUSE_MS = 60_000;
/** Failures by which the whole host is to be left alone for a while. */
const ASKS_TO_WAIT: ReadonlySet<string> = new Set(['status_429', 'status_503', NO_ROBOTS]);
