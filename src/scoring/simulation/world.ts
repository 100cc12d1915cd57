import type { DataRecord } from '../../core/record.ts';
import { hostOf } from '../../core/wanted.ts';
import type { WantedList } from '../../core/wanted.ts';
import type { Sighting } from '../verdict.ts';
import { firstBlockOf, timeOf } from './clock.ts';
import { createRandom } from './random.ts';

/** Site that every job of the simulation wants. */
export const HOST = 'docs.example';
/** Site of a second job, whose rows weigh twice as much. */
export const BOOSTED_HOST = 'boosted.example';
/** A wanted site that answers 503 to whoever is not its friend: an attacker's, or one that an attacker keeps busy. */
export const SHELTER_HOST = 'shelter.example';
/** Subdomains under it belong to the attacker and show whatever it commits. Nobody wants them but the open job. */
export const FARM_DOMAIN = 'farm.example';
/** Subdomains of it that the open job takes; its rows are under the caps for sites. */
export const OPEN_FARM_HOSTS = Array.from({ length: 1000 }, (_, index) => `open${index}.${FARM_DOMAIN}`);
export const OPEN_JOB = 'open';

/** What pages do between being scraped and being checked, in ppm of all pages. */
const GONE_PPM = 30_000;
const EDITED_PPM = 40_000;

/**
 * What is wanted in the simulation: one ordinary job, one that weighs twice as much, one whose site can't
 * be checked, and one that takes any site.
 */
export function wantedList(pool: string): WantedList {
  const job = (id: string, weight_ppm: number, hosts: string[]) => ({
    ...{ id, source: 'web' as const, seeds: hosts.map((host) => `https://${host}/`), hosts, allow_private: [] },
    ...{ max_pages: 1_000_000, pool, weight_ppm },
  });
  return {
    version: 1,
    jobs: [
      job('docs', 1_000_000, [HOST]),
      job('boosted', 2_000_000, [BOOSTED_HOST]),
      job('shelter', 1_000_000, [SHELTER_HOST]),
      job(OPEN_JOB, 1_000_000, OPEN_FARM_HOSTS),
    ],
  };
}

/** The web of the simulation: pages that are fixed by a seed, and what they show later. */
export interface World {
  /** A page as whoever scrapes it in the block finds it. */
  scrape(path: string, block: number): DataRecord;
  /** What the web shows an honest visitor in the block where the row says it came from. */
  see(row: DataRecord, block: number): Sighting;
}

/**
 * Pages of `docs.example` have paths `/<who>/<epoch>/<number>` and are there from the first block of their epoch. A few are deleted and a few
 * edited before anyone checks; half of the edited ones say when. `?…` after a path shows the same page; so does a zero before its number.
 */
export function createWorld(seed: string): World {
  const rows = new Map<string, DataRecord>();
  const pages = new Map<string, { text: string; edited: string; fate: 'stays' | 'gone' | 'edited'; dated: boolean }>();
  const page = (path: string) => {
    const known = pages.get(path);
    if (known !== undefined) return known;
    const random = createRandom(`${seed}.${path}`);
    const text = words(random.below, 14);
    const drawn = random.below(1_000_000);
    const fate = drawn < GONE_PPM ? 'gone' : drawn < GONE_PPM + EDITED_PPM ? 'edited' : 'stays';
    const made = { text, edited: `${text} ${words(random.below, 3)}`, fate, dated: random.chance(500_000) } as const;
    pages.set(path, made);
    return made;
  };
  return {
    scrape(path, block) {
      const known = rows.get(path);
      if (known?.scraped_at === timeOf(block)) return known;
      const made = row(`https://${HOST}${path}`, page(path).text, bornUs(path), block);
      rows.set(path, made);
      return made;
    },
    see(claimed, block) {
      const { host, pathname, search } = new URL(claimed.url);
      if (host === SHELTER_HOST) return { outcome: 'unreachable', reason: 'status_503' };
      if (host.endsWith(FARM_DOMAIN)) return shown(claimed.id, claimed.text, claimed.created_at, null);
      const path = pathname.replace(/\/0+(?=\d)/u, '/');
      const born = bornUs(path);
      if (hostOf(claimed.url) !== HOST || born === null || born > timeOf(block))
        return { outcome: 'gone', status: 404 };
      const { text, edited, fate, dated } = page(path);
      if (fate === 'gone') return { outcome: 'gone', status: 404 };
      // A page names its own address where the visitor came by another.
      const id = search === '' ? claimed.id : `web:https://${HOST}${path}`;
      if (fate === 'stays') return shown(id, text, born, null);
      return shown(id, edited, born, dated ? timeOf(block) : null);
    },
  };
}

function shown(id: string, text: string | null, createdAt: number | null, lastModified: number | null): Sighting {
  return { outcome: 'shown', id, text, createdAt, lastModified };
}

/** When a page appeared; null where its path is none of the site's. */
function bornUs(path: string): number | null {
  const epoch = /^\/[a-z0-9-]+\/(\d+)\/\d+$/u.exec(path)?.[1];
  return epoch === undefined ? null : timeOf(firstBlockOf(Number(epoch)));
}

/** A row that says it was scraped from the URL in the block. */
export function row(url: string, text: string | null, createdAtUs: number | null, block: number): DataRecord {
  return {
    id: `web:${url}`,
    source: 'web',
    kind: 'page',
    url,
    author: null,
    created_at: createdAtUs,
    scraped_at: timeOf(block),
    lang: 'en',
    title: null,
    text,
    tags: NONE,
    parent_id: null,
    conversation_id: null,
    metrics: NO_METRICS,
    media: NONE,
    fetch: { url, status: 200, body_sha256: '', extractor: 'simulated' },
    extra: null,
  };
}

const NONE: never[] = [];
const NO_METRICS = { likes: null, replies: null, reposts: null, quotes: null, views: null, bookmarks: null };

const SYLLABLES = [
  'ka',
  'lo',
  'mi',
  'ne',
  'ru',
  'sa',
  'ti',
  'vo',
  'wen',
  'dor',
  'fis',
  'gal',
  'hep',
  'jun',
  'pra',
  'qui',
];

/** Words that nobody else says. */
export function words(below: (bound: number) => number, count: number): string {
  const syllable = (): string => SYLLABLES[below(SYLLABLES.length)] ?? '';
  return Array.from({ length: count }, () => syllable() + syllable() + syllable() + syllable()).join(' ');
}
