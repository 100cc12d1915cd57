/** Lets so many of a kind go on at a time; the others wait in their order. */
export interface Turns {
  /** Does work in its turn. */
  take: <T>(kind: string, atOnce: number, work: () => Promise<T>) => Promise<T>;
}

export function createTurns(): Turns {
  const kinds = new Map<string, { running: number; waiting: (() => void)[] }>();
  return {
    async take(kind, atOnce, work) {
      const places = kinds.get(kind) ?? { running: 0, waiting: [] };
      kinds.set(kind, places);
      if (places.running < atOnce) places.running += 1;
      // Whoever leaves hands its place on.
      else await new Promise<void>((resolve) => places.waiting.push(resolve));
      try {
        return await work();
      } finally {
        const next = places.waiting.shift();
        if (next !== undefined) next();
        else places.running -= 1;
        if (places.running === 0) kinds.delete(kind);
      }
    },
  };
}
