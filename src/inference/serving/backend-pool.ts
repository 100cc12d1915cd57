import type { Backend } from '../backends/backend.ts';

/** Backends by what they were made from: one that stays as it was keeps its connections, and its model in memory. */
export interface BackendPool {
  /** Works with the backend of a key, which is made when it is first wanted. Throws what making it throws; the next call tries again. */
  use: <Result>(
    key: string,
    make: () => Promise<Backend>,
    work: (backend: Backend) => Promise<Result>,
  ) => Promise<Result>;
  /** Closes the backends of all other keys, each once nobody works with it any more. */
  keep: (keys: ReadonlySet<string>) => void;
  /** Closes all, whoever works with them. */
  close: () => Promise<void>;
}

interface Held {
  backend: Promise<Backend>;
  users: number;
  isRetired: boolean;
}

export function createBackendPool(): BackendPool {
  const held = new Map<string, Held>();

  const closeOne = async ({ backend }: Held): Promise<void> => {
    await backend.then((made) => made.close()).catch(() => undefined);
  };

  return {
    async use(key, make, work) {
      const item = held.get(key) ?? { backend: make(), users: 0, isRetired: false };
      held.set(key, item);
      item.users += 1;
      try {
        return await work(
          await item.backend.catch((error: unknown) => {
            if (held.get(key) === item) held.delete(key);
            throw error;
          }),
        );
      } finally {
        item.users -= 1;
        if (item.isRetired && item.users === 0) void closeOne(item);
      }
    },
    keep(keys) {
      for (const [key, item] of held) {
        if (keys.has(key)) continue;
        held.delete(key);
        item.isRetired = true;
        if (item.users === 0) void closeOne(item);
      }
    },
    async close() {
      const all = [...held.values()];
      held.clear();
      await Promise.all(all.map(closeOne));
    },
  };
}
