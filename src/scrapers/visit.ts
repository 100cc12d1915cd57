import { setTimeout as sleep } from 'node:timers/promises';
import { SeineError } from '../core/errors.ts';
import { hostOf } from '../core/wanted.ts';
import type { GuardedFetch } from '../net/guarded-fetch.ts';
import type { Politeness } from './politeness.ts';
import type { Source, SourcePage } from './source.ts';

/** What came of going to a URL. `failed` may pass with time, `refused` will not. */
export type Visit =
  | { outcome: 'page'; page: SourcePage }
  | { outcome: 'gone'; status: number }
  | { outcome: 'failed'; reason: string; retryAfterMs: number | null }
  | { outcome: 'refused'; reason: string };

export interface VisitDeps {
  source: Source;
  fetch: GuardedFetch;
  politeness: Politeness;
  signal?: AbortSignal;
}

/**
 * Goes to a URL as a guest: only where robots.txt lets it in, and in turn. Rejects only with the reason of an abort and with
 * errors that are no fault of the URL.
 */
export async function visit(deps: VisitDeps, url: string, byBrowser: boolean): Promise<Visit> {
  const { source, fetch, politeness, signal } = deps;
  const rules = await politeness.rules(url, fetch);
  if (!rules.isKnown) return { outcome: 'failed', reason: 'robots_unreachable', retryAfterMs: null };
  if (!rules.allows(url)) return { outcome: 'refused', reason: 'robots_disallowed' };
  const waitMs = await politeness.takeTurn(hostOf(url), politeness.delayMs(rules));
  if (waitMs > 0) await sleep(waitMs, undefined, signal === undefined ? {} : { signal });
  try {
    const page = await source.fetchPage(url, signal === undefined ? { byBrowser } : { byBrowser, signal });
    return judgeStatus(page);
  } catch (error) {
    signal?.throwIfAborted();
    if (!(error instanceof SeineError) || error.name === 'BrowserMissing') throw error;
    return error.remedy === 'never'
      ? { outcome: 'refused', reason: error.name }
      : { outcome: 'failed', reason: error.name, retryAfterMs: null };
  }
}

function judgeStatus(page: SourcePage): Visit {
  const { status } = page;
  const reason = `status_${status}`;
  if (status >= 200 && status < 300) return { outcome: 'page', page };
  if (status === 404 || status === 410) return { outcome: 'gone', status };
  if (status >= 500 || status === 408 || status === 429) {
    return { outcome: 'failed', reason, retryAfterMs: page.retryAfterMs };
  }
  return { outcome: 'refused', reason };
}
