import { boolean, integer, optional, path, secretUrl, text, url } from './parsers.ts';
import { PPM, setting } from './setting.ts';
import type { Setting } from './setting.ts';

/** Rows of the settings table: what is crawled, and how a guest behaves. */
export const CRAWLING = {
  'browser.path': setting('CHROMIUM_PATH', null, optional(path()), 'Chromium to use; else the one that set-up brought'),
  'browser.pages': setting('SEINE_BROWSER_PAGES', 2, integer({ min: 1, max: 64 }), 'browser pages open at once'),
  'browser.max_memory_mb': setting(
    'SEINE_BROWSER_MAX_MEMORY_MB',
    1500,
    integer({ min: 300, max: 1_000_000 }),
    'MiB that the browser may hold; beyond, a new one takes over, and at twice that its largest process is ended',
  ),
  'wanted.file': setting('SEINE_WANTED_FILE', null, optional(path()), 'list of wanted jobs (JSON)'),
  'wanted.votes': setting(
    'SEINE_WANTED_VOTES',
    null,
    optional(path()),
    'folder of signed votes of validators on what the jobs weigh; read when a miner or validator starts',
  ),
  'wanted.owner_share_ppm': setting(
    'SEINE_WANTED_OWNER_SHARE_PPM',
    300_000,
    integer(PPM),
    "part of what jobs weigh that stays with the list's owner where validators vote",
  ),
  'fetch.user_agent': setting(
    'SEINE_USER_AGENT',
    'seine/0.1',
    text(/^[\x20-\x7e]+$/, 'printable ASCII'),
    'how the scraper names itself',
  ),
  'fetch.contact': setting(
    'SEINE_FETCH_CONTACT',
    null,
    optional(text(/^(https?:\/\/[^\s()<>]+|[^\s()<>@]+@[^\s()<>@]+)$/, 'a URL or a mail address')),
    'where sites find a person to write to; sent with the name',
  ),
  'fetch.proxy': setting(
    'SEINE_FETCH_PROXY',
    null,
    secretUrl('http:', 'https:'),
    'proxy of all fetches, http://[user:password@]host:port, which must allow CONNECT',
    { secret: true },
  ),
  'fetch.http2': setting('SEINE_FETCH_HTTP2', true, boolean(), 'whether HTTP/2 is offered to servers'),
  'fetch.crawl_delay_ms': setting(
    'SEINE_CRAWL_DELAY_MS',
    1000,
    integer({ min: 0, max: 600_000 }),
    'pause between requests to a host whose robots.txt names none',
  ),

  'sources.hackernews_url': setting(
    'SEINE_HACKERNEWS_URL',
    null,
    optional(url('http:', 'https:')),
    'where the API of Hacker News is asked; not set: the public one',
  ),
  'sources.hackernews_search_url': setting(
    'SEINE_HACKERNEWS_SEARCH_URL',
    null,
    optional(url('http:', 'https:')),
    'where Hacker News is searched; not set: the public search',
  ),
} as const satisfies Readonly<Record<string, Setting<unknown>>>;
