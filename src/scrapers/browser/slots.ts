/** At most so many at once, first come, first served. */
export interface Slots {
  /** Resolves with what gives the slot back; rejects with the signal's reason. */
  take(signal?: AbortSignal): Promise<() => void>;
}

export function createSlots(count: number): Slots {
  const waiting: (() => void)[] = [];
  let free = count;
  const release = (): void => {
    const next = waiting.shift();
    if (next === undefined) free += 1;
    else next();
  };
  return {
    async take(signal) {
      signal?.throwIfAborted();
      if (free > 0) {
        free -= 1;
        return release;
      }
      await new Promise<void>((resolve, reject) => {
        const abort = (): void => {
          waiting.splice(waiting.indexOf(start), 1);
          reject(signal?.reason as Error);
        };
        const start = (): void => {
          signal?.removeEventListener('abort', abort);
          resolve();
        };
        waiting.push(start);
        signal?.addEventListener('abort', abort, { once: true });
      });
      return release;
    },
  };
}
