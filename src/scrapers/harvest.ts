import type { DataRecord } from '../core/record.ts';
import { hostOf } from '../core/wanted.ts';
import type { Completion, Lease } from './frontier/frontier.ts';
import type { FrontierUrl } from './frontier/pack-links.ts';
import type { Reach } from './reach.ts';
import type { Visit } from './visit.ts';

/** What the pages of a batch gave, as the frontier is to note it. */
export interface Harvest {
  done: string[];
  retry: { url: string; afterMs: number }[];
  release: string[];
  throttled: string[];
  browser: string[];
  dead: { url: string; reason: string }[];
  links: FrontierUrl[];
  /** Pages that are gone, by reason. */
  gone: Record<string, number>;
  learned: Record<string, { scripted: number; plain: number }>;
  /** By id: a page may be led to by two URLs. */
  rows: Map<string, DataRecord>;
}

export function createHarvest(): Harvest {
  const lists = { done: [], retry: [], release: [], throttled: [], browser: [], dead: [], links: [] };
  return { ...lists, gone: {}, learned: {}, rows: new Map() };
}

/** Notes what came of a lease. */
export function gather(
  harvest: Harvest,
  { reach, maxDepth }: { reach: Reach; maxDepth: number },
  { url, depth, attempts }: Lease,
  visited: Visit,
  byBrowser: boolean,
): void {
  if (visited.outcome === 'failed' && attempts < MAX_RETRIES) {
    const afterMs = Math.min(visited.retryAfterMs ?? BACK_OFF_MS * 4 ** attempts, MAX_BACK_OFF_MS);
    harvest.retry.push({ url, afterMs });
    return;
  }
  if (visited.outcome === 'unchanged') {
    harvest.done.push(url);
    return;
  }
  if (visited.outcome === 'gone') {
    const reason = `status_${visited.status}`;
    harvest.done.push(url);
    harvest.gone[reason] = (harvest.gone[reason] ?? 0) + 1;
    return;
  }
  if (visited.outcome !== 'page') {
    harvest.dead.push({ url, reason: visited.reason });
    return;
  }
  const { page } = visited;
  if (!byBrowser && (page.needsBrowser || page.records.length > 0)) {
    const learned = (harvest.learned[hostOf(url)] ??= { scripted: 0, plain: 0 });
    learned[page.needsBrowser ? 'scripted' : 'plain'] += 1;
  }
  (page.needsBrowser ? harvest.browser : harvest.done).push(url);
  if (depth < maxDepth) {
    for (const found of [page.links, page.feeds]) {
      for (const link of found) {
        if (reach.mayFetchCanonical(link)) harvest.links.push({ url: link, depth: depth + 1 });
      }
    }
  }
  // What little text such a page has without its scripts is not what it is about.
  if (page.needsBrowser) return;
  for (const record of page.records) if (reach.isWanted(record.url)) harvest.rows.set(record.id, record);
}

/** What the frontier is told. */
export function completionOf(
  harvest: Harvest,
  pages: number,
): Omit<Completion, 'owner' | 'queue' | 'batch'> & { learned: Harvest['learned'] } {
  const { rows, gone, ...leases } = harvest;
  return { ...leases, failed: gone, pages, records: rows.size };
}

/** URLs given up for good, by reason. */
export function failuresOf({ gone, dead }: Harvest): Record<string, number> {
  const failed = { ...gone };
  for (const { reason } of dead) failed[reason] = (failed[reason] ?? 0) + 1;
  return failed;
}

export const MAX_RETRIES = 3;
const BACK_OFF_MS = 1000;
const MAX_BACK_OFF_MS = 3_600_000;
