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
const OPTIONS = { byBrowser: false, mayFollow: (url: string) => !url.startsWith('https://elsewhere.test/') };
const PATIENCE = { pauseMs: 1000, turnMs: 1000 };

type Pauses = Record<string, number>;

interface RigOptions {
  robots?: string | null;
  pauseMs?: number;
  turnMs?: number;
  type?: string;
}

/** What a visit tells the politeness, where the host answers with `status`. */
function rig(status: number, set: RigOptions = {}) {
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
    expect(await visit(deps, PAGE, OPTIONS)).toEqual({
      ...{ outcome: 'failed', reason: `status_${status}`, host: 'a.test', retryAfterMs: 7000, strikes: 3 },
    });
    expect(told).toEqual(['robots', 'request', 'back off a.test 7000']);
  });

  it('moves it where robots.txt is out of reach, without a request for the page', async () => {
    const { deps, told } = rig(200, { robots: null });
    expect(await visit(deps, PAGE, OPTIONS)).toMatchObject({ reason: 'robots_unreachable', strikes: 3 });
    expect(told).toEqual(['robots', 'back off a.test 9000']);
  });

  it('leaves it alone where the page is what failed, and ends it where the host answers', async () => {
    const broken = rig(500);
    expect(await visit(broken.deps, PAGE, OPTIONS)).toMatchObject({ reason: 'status_500', strikes: 0 });
    expect(broken.told).toEqual(['robots', 'request']);
    for (const status of [200, 304, 403, 404]) {
      const { deps, told } = rig(status);
      await visit(deps, PAGE, OPTIONS);
      expect(told).toEqual(['robots', 'request', 'answered a.test']);
    }
  });

  it('to a page that robots.txt closes says nothing of how the host answers', async () => {
    const { deps, told } = rig(200, { robots: 'User-agent: *\nDisallow: /' });
    expect(await visit(deps, PAGE, OPTIONS)).toEqual({ outcome: 'refused', reason: 'robots_disallowed' });
    expect(told).toEqual(['robots']);
  });
});

describe('a redirect', () => {
  const B = 'https://b.test';

  /** Two hosts, of which `moves` says what redirects where. */
  function hosts(moves: Record<string, string>, robots: Record<string, string | null> = {}, pauses: Pauses = {}) {
    const told: string[] = [];
    const { deps } = rig(200);
    const note = (what: string) => Promise.resolve(void told.push(what));
    const fetch: GuardedFetch = async (url, request) => {
      await note(`request ${url}`);
      expect(request?.follow).toBe(false);
      const location = moves[url];
      const headers = { 'content-type': 'text/html', ...(location === undefined ? {} : { location }) };
      const text = 'What this page says is said nowhere else, and it says it at length. '.repeat(5);
      const body = Buffer.from(`<link rel="canonical" href="${PAGE}"><p>${text}`);
      return { requestedUrl: url, url, status: location === undefined ? 200 : 301, headers, body, redirects: [] };
    };
    const politeness: Politeness = {
      ...deps.politeness,
      pauseMs: (host) => Promise.resolve(pauses[host] ?? 0),
      rules: async (url) => {
        const { host } = new URL(url);
        await note(`robots ${host}`);
        const found = robots[host];
        if (found === null) return UNKNOWN_RULES;
        return robotsRules({ status: 200, headers: {}, body: Buffer.from(found ?? '') });
      },
      takeTurn: async (host) => {
        await note(`turn ${host}`);
        return 0;
      },
      backOff: async (host) => {
        await note(`back off ${host}`);
        return { waitMs: 1, strikes: 1 };
      },
      answered: () => Promise.resolve(),
    };
    return { told, deps: { ...deps, fetch, politeness } };
  }

  it('to another host obeys its robots.txt and takes a turn there', async () => {
    const { deps, told } = hosts({ [PAGE]: `${B}/page` });
    expect(await visit(deps, PAGE, OPTIONS)).toMatchObject({ outcome: 'page', page: { url: `${B}/page` } });
    expect(told).toEqual([
      ...['robots a.test', 'turn a.test', `request ${PAGE}`],
      ...['robots b.test', 'turn b.test', `request ${B}/page`],
    ]);
  });

  it('is not followed to what robots.txt closes, of its own host neither', async () => {
    const closed = 'User-agent: *\nDisallow: /no';
    const refused = { outcome: 'refused', reason: 'robots_disallowed' };
    for (const [to, host] of [
      ['https://a.test/no', 'a.test'],
      [`${B}/no`, 'b.test'],
    ] as const) {
      const { deps, told } = hosts({ [PAGE]: to }, { [host]: closed });
      expect(await visit(deps, PAGE, OPTIONS)).toEqual(refused);
      expect(told).not.toContain(`request ${to}`);
    }
  });

  it('to a host that hides its robots.txt has that host left alone', async () => {
    const { deps, told } = hosts({ [PAGE]: `${B}/page` }, { 'b.test': null });
    expect(await visit(deps, PAGE, OPTIONS)).toMatchObject({
      reason: 'robots_unreachable',
      host: 'b.test',
      strikes: 1,
    });
    expect(told.at(-1)).toBe('back off b.test');
  });

  it('asks a host for nothing, robots.txt neither, that is to be left alone', async () => {
    const { deps, told } = hosts({ [PAGE]: `${B}/page` }, {}, { 'b.test': 3_600_000 });
    expect(await visitWithin(deps, PAGE, OPTIONS, PATIENCE)).toMatchObject({
      ...{ outcome: 'failed', reason: 'host_asked_to_wait', host: 'b.test' },
    });
    expect(told.at(-1)).toBe(`request ${PAGE}`);
  });

  it('away from the hosts of the job is not followed', async () => {
    const { deps, told } = hosts({ [PAGE]: 'https://elsewhere.test/' });
    expect(await visit(deps, PAGE, OPTIONS)).toEqual({ outcome: 'refused', reason: 'host_not_in_job' });
    expect(told.at(-1)).toBe(`request ${PAGE}`);
  });

  it.each([
    ['in a loop', { [PAGE]: '/other', 'https://a.test/other': PAGE }, 'TooManyRedirects'],
    [
      'again and again',
      Object.fromEntries(Array.from({ length: 9 }, (_, hop) => [hop === 0 ? PAGE : `${B}/${hop}`, `${B}/${hop + 1}`])),
      'TooManyRedirects',
    ],
    ['to a file', { [PAGE]: 'file:///etc/passwd' }, 'UrlNotHttp'],
  ])('%s is given up', async (_, moves, reason) => {
    const { deps, told } = hosts(moves);
    expect(await visit(deps, PAGE, OPTIONS)).toEqual({ outcome: 'refused', reason });
    expect(told.length).toBeLessThanOrEqual(18);
  });

  it('leads to the row of the URL that was asked for, where the page says that it stands for it', async () => {
    const { deps } = hosts({ [PAGE]: 'https://www.a.test/page' });
    expect(await visit(deps, PAGE, OPTIONS)).toMatchObject({ page: { records: [{ id: `web:${PAGE}` }] } });
  });
});

describe('a visit with bounded patience', () => {
  const waits = { outcome: 'failed', reason: 'host_asked_to_wait', host: 'a.test', retryAfterMs: null, strikes: 0 };

  it('asks a host for nothing, robots.txt neither, that is to be left alone for longer', async () => {
    const { deps, told } = rig(200, { pauseMs: 1001 });
    expect(await visitWithin(deps, PAGE, OPTIONS, PATIENCE)).toEqual(waits);
    expect(told).toEqual([]);
  });

  it('takes no turn that lies farther ahead', async () => {
    const { deps, told } = rig(200, { turnMs: 1001 });
    expect(await visitWithin(deps, PAGE, OPTIONS, PATIENCE)).toEqual(waits);
    expect(told).toEqual(['robots']);
  });

  it('waits for what is not too far, and then goes', async () => {
    const { deps, told } = rig(200, { pauseMs: 1, turnMs: 1000 });
    expect(await visitWithin(deps, PAGE, OPTIONS, PATIENCE)).toMatchObject({ outcome: 'page' });
    expect(told).toEqual(['robots', 'request', 'answered a.test']);
  });
});
