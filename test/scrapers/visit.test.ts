import { describe, expect, it } from 'vitest';
import type { FetchedPage, GuardedFetch } from '../../src/net/guarded-fetch.ts';
import { TurnTooFarError } from '../../src/scrapers/politeness.ts';
import type { Politeness } from '../../src/scrapers/politeness.ts';
import { robotsRules, UNKNOWN_RULES } from '../../src/scrapers/robots.ts';
import { createSources, PUBLIC_ORIGINS } from '../../src/scrapers/sources.ts';
import { visit } from '../../src/scrapers/visit.ts';
import type { VisitDeps } from '../../src/scrapers/visit.ts';
import { visitWithin } from '../../src/scrapers/visit-within.ts';

const PAGE = 'https://a.test/page';
const PATIENCE = { pauseMs: 1000, turnMs: 1000 };

/** What a visit tells the politeness, where the host answers with `status`. */
function rig(status: number, set: { robots?: string | null; pauseMs?: number; turnMs?: number; type?: string } = {}) {
  const { robots = '', pauseMs = 0, turnMs = 0, type = 'text/html' } = set;
  const told: string[] = [];
  const fetch: GuardedFetch = (url) => {
    told.push('request');
    const headers = { 'content-type': type, 'retry-after': '7' };
    const page: FetchedPage = { requestedUrl: url, url, status, headers, body: Buffer.from('<p>text'), redirects: [] };
    return Promise.resolve(page);
  };
  const politeness: Politeness = {
    rules: () => {
      told.push('robots');
      const found = { status: 200, headers: {}, body: Buffer.from(robots ?? '') };
      return Promise.resolve(robots === null ? { ...UNKNOWN_RULES, retryAfterMs: 9000 } : robotsRules(found));
    },
    delayMs: () => 0,
    pauseMs: () => Promise.resolve(pauseMs),
    takeTurn: (host, _, mostMs = Infinity) =>
      turnMs > mostMs ? Promise.reject(new TurnTooFarError(host, turnMs)) : Promise.resolve(0),
    slots: { take: () => Promise.resolve(true), give: () => undefined },
    backOff: (host, retryAfterMs) => {
      told.push(`back off ${host} ${retryAfterMs}`);
      return Promise.resolve({ waitMs: 7000, strikes: 3 });
    },
    answered: (host) => {
      told.push(`answered ${host}`);
      return Promise.resolve();
    },
  };
  const deps: VisitDeps = { source: createSources(PUBLIC_ORIGINS).web, fetch, browser: null, politeness, now: () => 1 };
  return { deps, told };
}

describe('a visit', () => {
  it.each([429, 503])('moves the back-off of a host that answers %i', async (status) => {
    const { deps, told } = rig(status);
    expect(await visit(deps, PAGE, { byBrowser: false })).toEqual({
      ...{ outcome: 'failed', reason: `status_${status}`, retryAfterMs: 7000, strikes: 3 },
    });
    expect(told).toEqual(['robots', 'request', 'back off a.test 7000']);
  });

  it('moves it where robots.txt is out of reach, without a request for the page', async () => {
    const { deps, told } = rig(200, { robots: null });
    expect(await visit(deps, PAGE, { byBrowser: false })).toMatchObject({ reason: 'robots_unreachable', strikes: 3 });
    expect(told).toEqual(['robots', 'back off a.test 9000']);
  });

  it('leaves it alone where the page is what failed, and ends it where the host answers', async () => {
    const broken = rig(500);
    expect(await visit(broken.deps, PAGE, { byBrowser: false })).toMatchObject({ reason: 'status_500', strikes: 0 });
    expect(broken.told).toEqual(['robots', 'request']);
    for (const status of [200, 304, 403, 404]) {
      const { deps, told } = rig(status);
      await visit(deps, PAGE, { byBrowser: false });
      expect(told).toEqual(['robots', 'request', 'answered a.test']);
    }
  });

  it('to a page that robots.txt closes says nothing of how the host answers', async () => {
    const { deps, told } = rig(200, { robots: 'User-agent: *\nDisallow: /' });
    expect(await visit(deps, PAGE, { byBrowser: false })).toEqual({ outcome: 'refused', reason: 'robots_disallowed' });
    expect(told).toEqual(['robots']);
  });
});

describe('a visit with bounded patience', () => {
  const waits = { outcome: 'failed', reason: 'host_asked_to_wait', retryAfterMs: null, strikes: 0 };

  it('asks a host for nothing, robots.txt neither, that is to be left alone for longer', async () => {
    const { deps, told } = rig(200, { pauseMs: 1001 });
    expect(await visitWithin(deps, PAGE, { byBrowser: false }, PATIENCE)).toEqual(waits);
    expect(told).toEqual([]);
  });

  it('takes no turn that lies farther ahead', async () => {
    const { deps, told } = rig(200, { turnMs: 1001 });
    expect(await visitWithin(deps, PAGE, { byBrowser: false }, PATIENCE)).toEqual(waits);
    expect(told).toEqual(['robots']);
  });

  it('waits for what is not too far, and then goes', async () => {
    const { deps, told } = rig(200, { pauseMs: 1, turnMs: 1000 });
    expect(await visitWithin(deps, PAGE, { byBrowser: false }, PATIENCE)).toMatchObject({ outcome: 'page' });
    expect(told).toEqual(['robots', 'request', 'answered a.test']);
  });
});
