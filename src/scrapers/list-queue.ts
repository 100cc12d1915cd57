import type { ListMemory } from './list-memory.ts';

/** A list that is to be read, and when it was last asked for, or the list that named it; milliseconds since 1970, 0 for never. */
export interface WaitingList {
  url: string;
  askedAtMs: number;
}

/**
 * The lists that a run has yet to read, each once, those first that were not asked for the longest: what a run has no time for comes first
 * in the next. A list that was never asked for stands where the one that named it stood, so that a chain of new lists without end keeps no other
 * from being read for more than a run.
 */
export class ListQueue {
  readonly #lists: Pick<ListMemory, 'askedAtMs'>;
  readonly #named = new Set<string>();
  #waiting: WaitingList[] = [];

  constructor(lists: Pick<ListMemory, 'askedAtMs'>) {
    this.#lists = lists;
  }

  /** @param by the list that named them; none for those that a run begins with */
  async add(urls: readonly string[], by: WaitingList | null = null): Promise<void> {
    const fresh = [...new Set(urls)].filter((url) => !this.#named.has(url));
    if (fresh.length === 0) return;
    for (const url of fresh) this.#named.add(url);
    this.#waiting = this.#waiting.concat(await lastAsked(this.#lists, fresh, by?.askedAtMs ?? 0));
    this.#waiting.sort((a, b) => a.askedAtMs - b.askedAtMs);
  }

  next(): WaitingList | undefined {
    return this.#waiting.shift();
  }
}

/** Those of `urls` that were not asked for the longest, in that order; of several that never were, the first. */
export async function longestUnasked(
  lists: Pick<ListMemory, 'askedAtMs'>,
  urls: readonly string[],
  count: number,
): Promise<string[]> {
  const aged = await lastAsked(lists, urls, 0);
  const sorted = aged.sort((a, b) => a.askedAtMs - b.askedAtMs);
  return sorted.slice(0, count).map(({ url }) => url);
}

async function lastAsked(
  lists: Pick<ListMemory, 'askedAtMs'>,
  urls: readonly string[],
  neverMs: number,
): Promise<WaitingList[]> {
  const times = await lists.askedAtMs(urls);
  return urls.map((url, place) => ({ url, askedAtMs: times[place] ?? neverMs }));
}
