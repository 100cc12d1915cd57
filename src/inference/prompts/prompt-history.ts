import type { PromptKeys } from './prompt-keys.ts';

/** What a validator asked before. A history that lives longer than the process keeps the same promises. */
export interface PromptHistory {
  /**
   * Takes a prompt's keys unless one of them is taken: then nothing is, and the answer says which kind. At one moment for all keys, so that two
   * workers can't take one prompt. May err by calling a fresh prompt near (a filter that forgets nothing), never the other way.
   */
  claim: (keys: PromptKeys) => Promise<'fresh' | 'exact' | 'near'>;
}

/** A history in memory: for tests, and for what ends with the process. */
export function memoryHistory(): PromptHistory {
  const exact = new Set<string>();
  const near = new Set<string>();
  return {
    claim: (keys) => {
      if (exact.has(keys.exact)) return Promise.resolve('exact');
      if (keys.near.some((key) => near.has(key))) return Promise.resolve('near');
      exact.add(keys.exact);
      keys.near.forEach((key) => near.add(key));
      return Promise.resolve('fresh');
    },
  };
}
