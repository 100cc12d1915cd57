import { expect } from 'vitest';
import type { Completion, Lease } from '../../src/scrapers/frontier/frontier.ts';
import type { FrontierUrl } from '../../src/scrapers/frontier/pack-links.ts';

/** What a frontier should do, in a few plain lists; one queue. */
export function createFrontierModel() {
  const seen = new Set<string>();
  const ready: Entry[] = [];
  let delayed = 0;
  let dead: (Entry & { reason: string })[] = [];
  const failed: Record<string, number> = {};
  const owners = new Map<string, { held: Entry[]; isLost: boolean }>();
  let arrivals = 0;

  const enqueue = (entry: Entry, level: number): void => {
    ready.push({ ...entry, at: level, order: (arrivals += 1) });
  };
  const add = (links: readonly FrontierUrl[]): number => {
    // Of what one call names twice, the place nearest to the front counts.
    const best = new Map<string, number>();
    for (const { url, depth = 0, priority = 5 } of links) {
      best.set(url, Math.min(best.get(url) ?? Infinity, priority * 1000 + depth));
    }
    const fresh = [...best].filter(([url]) => !seen.has(url));
    for (const [url, level] of fresh) {
      seen.add(url);
      enqueue({ url, level, attempts: 0, waits: 0, at: level, order: 0 }, level);
    }
    return fresh.length;
  };

  return {
    add,
    /** Whatever hosts the frontier chose: of each it must have taken the first. */
    lease(leases: readonly Lease[], owner: string, count: number, isLost: boolean): void {
      for (const [name, { held, isLost: lost }] of owners) {
        if (!lost) continue;
        for (const entry of held) enqueue({ ...entry, attempts: entry.attempts + 1 }, -1);
        owners.delete(name);
      }
      expect(leases.length).toBe(Math.min(count, ready.length));
      const mine = owners.get(owner) ?? { held: [], isLost };
      // A longer lease of the same owner's holds for all that it has.
      mine.isLost &&= isLost;
      for (const host of new Set(leases.map(({ url }) => new URL(url).host))) {
        const taken = leases.filter(({ url }) => new URL(url).host === host);
        const first = ready
          .filter(({ url }) => new URL(url).host === host)
          .sort((a, b) => a.at - b.at || a.order - b.order)
          .slice(0, taken.length);
        // What a lost lease held comes back in no order of its own.
        expect(taken.map(({ attempts, waits, depth }) => [attempts, waits, depth]).length).toBe(first.length);
        const fixed = first.filter(({ at }) => at >= 0).map(({ url }) => url);
        expect(
          taken.map(({ url }) => url).filter((url) => ready.some((entry) => entry.url === url && entry.at >= 0)),
        ).toEqual(fixed);
        for (const { url, depth, attempts, waits } of taken) {
          const place = ready.findIndex((entry) => entry.url === url);
          const [entry] = ready.splice(place, 1);
          expect({ depth, attempts, waits }).toEqual({
            depth: (entry?.level ?? 0) % 1000,
            attempts: entry?.attempts,
            waits: entry?.waits,
          });
          if (entry !== undefined) mine.held.push(entry);
        }
      }
      if (leases.length > 0) owners.set(owner, mine);
    },
    /** The outcomes of an owner's first leases, in their order. */
    complete(owner: string, ends: readonly End[], links: readonly FrontierUrl[]) {
      const mine = owners.get(owner);
      const held = mine?.held ?? [];
      const chosen = held.slice(0, ends.length).map((entry, place) => ({ entry, end: ends[place] ?? 'keep' }));
      const of = (end: End): Entry[] => chosen.filter((item) => item.end === end).map(({ entry }) => entry);
      const urls = (end: End): string[] => of(end).map(({ url }) => url);
      const letters = of('dead').map((entry, place) => ({ ...entry, reason: place % 2 === 0 ? 'even' : 'odd' }));
      const completion: Partial<Completion> = {
        ...{ done: urls('done'), release: urls('release'), throttled: urls('throttled'), links, pages: chosen.length },
        retry: urls('retry').map((url) => ({ url, afterMs: 3_600_000 })),
        dead: letters.map(({ url, reason }) => ({ url, reason })),
      };
      if (mine === undefined) return { completion, isAccepted: false };
      for (const entry of of('release')) enqueue(entry, -1);
      for (const entry of of('throttled')) enqueue({ ...entry, waits: entry.waits + 1 }, -1);
      delayed += of('retry').length;
      for (const { reason } of letters) failed[reason] = (failed[reason] ?? 0) + 1;
      dead.push(...letters);
      mine.held = held.filter((entry) => !chosen.some((item) => item.entry === entry && item.end !== 'keep'));
      if (mine.held.length === 0) owners.delete(owner);
      add(links);
      return { completion, isAccepted: true };
    },
    requeue(reason: string | null): number {
      const back = dead.filter((letter) => reason === null || letter.reason === reason);
      dead = dead.filter((letter) => !back.includes(letter));
      for (const { reason: why, ...entry } of back) {
        failed[why] = (failed[why] ?? 0) - 1;
        enqueue({ ...entry, attempts: 0, waits: 0 }, entry.level);
      }
      return back.length;
    },
    dead: () => dead.map(({ url, reason }) => ({ url, reason })),
    stats: () => ({
      queued: ready.length + delayed,
      leased: [...owners.values()].reduce((sum, { held }) => sum + held.length, 0),
      seen: seen.size,
      dead: dead.length,
      reasons: Object.fromEntries(Object.entries(failed).filter(([, count]) => count > 0)),
      queues: { http: { ready: ready.length, delayed } },
    }),
  };
}

export type End = 'done' | 'retry' | 'release' | 'throttled' | 'dead' | 'keep';

interface Entry {
  url: string;
  level: number;
  attempts: number;
  waits: number;
  /** Where it stands: its level, or -1 for what was leased before. */
  at: number;
  order: number;
}
