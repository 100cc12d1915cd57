/** What bounds the work of one engine. */
export interface EngineBound {
  /** Requests that it works on at once. */
  concurrency: number;
  /** What each of them takes. */
  workMs: number;
  /** Requests of others that may wait; one more is answered 429. */
  places: number;
  /** Whoever brings it as API key is its owner, is served first and never refused. */
  ownKey: string;
}

/** Gives a request its turn; null where there is no place. The turn ends by what is given. */
export type TakeTurn = (isOwn: boolean) => Promise<(() => void) | null>;

/** Turns at an engine that several ask: its owner's requests go first. */
export function createEngineTurns({ concurrency, places }: EngineBound): TakeTurn {
  const own: (() => void)[] = [];
  const others: (() => void)[] = [];
  let running = 0;
  const end = (): void => {
    const next = own.shift() ?? others.shift();
    if (next === undefined) running -= 1;
    else next();
  };
  return async (isOwn) => {
    if (running < concurrency) {
      running += 1;
      return end;
    }
    if (!isOwn && others.length >= places) return null;
    await new Promise<void>((resolve) => (isOwn ? own : others).push(resolve));
    return end;
  };
}
