/** Does one round of work and gives the seconds that it took. */
export type Round = () => Promise<number>;

/**
 * The median seconds of each way, which take turns (A B A B …), so that what else the machine does meets all of them alike. The first
 * turn of each is not counted: it compiles, connects and fills caches.
 */
export async function inTurns<Name extends string>(
  ways: Readonly<Record<Name, Round>>,
  rounds = 5,
): Promise<Record<Name, number>> {
  const names = Object.keys(ways) as Name[];
  const seconds = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Name, number[]>;
  for (let round = 0; round <= rounds; round++) {
    for (const name of names) {
      const took = await ways[name]();
      if (round > 0) seconds[name].push(took);
    }
  }
  return Object.fromEntries(names.map((name) => [name, median(seconds[name])])) as Record<Name, number>;
}

/** A round of work in this process. */
export function timed(work: () => unknown): Round {
  return async () => {
    const startedAt = performance.now();
    await work();
    return (performance.now() - startedAt) / 1000;
  };
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}
