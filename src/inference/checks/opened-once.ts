/** Things that are dear to open, by what they are opened from. */
export interface OpenedOnce<Value> {
  /** The value of a key, opened by the first who asks; what could not be opened is tried again by the next. */
  open: (key: string, make: () => Promise<Value>) => Promise<Value>;
  /** Closes those of all other keys. */
  closeBut: (keys: readonly string[]) => Promise<void>;
}

export function createOpenedOnce<Value extends { close: () => Promise<void> }>(): OpenedOnce<Value> {
  const opened = new Map<string, Promise<Value>>();
  return {
    open: (key, make) => {
      const known = opened.get(key);
      if (known !== undefined) return known;
      const made = make();
      opened.set(key, made);
      made.catch(() => opened.get(key) === made && opened.delete(key));
      return made;
    },
    closeBut: async (keys) => {
      const left = [...opened].filter(([key]) => !keys.includes(key));
      for (const [key] of left) opened.delete(key);
      await Promise.allSettled(left.map(async ([, made]) => (await made).close()));
    },
  };
}
