import { BackendBusy } from '../errors.ts';

/** Things that are lent one at a time each; who finds none waits. */
export interface Turns<Thing> {
  /** Throws BackendBusy where too many wait; the reason of the signal where that comes first. */
  use: <Value>(signal: AbortSignal, work: (thing: Thing) => Promise<Value>) => Promise<Value>;
  /** When nothing is lent any more. */
  idle: () => Promise<void>;
}

export function createTurns<Thing>(name: string, things: readonly Thing[], mostWaiting: number): Turns<Thing> {
  const free = [...things];
  const waiting: ((thing: Thing) => void)[] = [];
  const running = new Set<Promise<unknown>>();

  async function take(signal: AbortSignal): Promise<Thing> {
    signal.throwIfAborted();
    const thing = free.pop();
    if (thing !== undefined) return thing;
    if (waiting.length >= mostWaiting) throw new BackendBusy(name, null);
    return await new Promise((resolve, reject) => {
      const onAbort = (): void => {
        waiting.splice(waiting.indexOf(start), 1);
        reject(signal.reason as Error);
      };
      const start = (lent: Thing): void => {
        signal.removeEventListener('abort', onAbort);
        resolve(lent);
      };
      waiting.push(start);
      signal.addEventListener('abort', onAbort, { once: true });
    });
  }

  function giveBack(thing: Thing): void {
    const next = waiting.shift();
    if (next === undefined) free.push(thing);
    else next(thing);
  }

  return {
    async use(signal, work) {
      const thing = await take(signal);
      const done = work(thing).finally(() => {
        running.delete(done);
        giveBack(thing);
      });
      running.add(done);
      return await done;
    },
    async idle() {
      await Promise.allSettled(running);
    },
  };
}
