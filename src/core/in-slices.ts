/** Slices of a long list, with a turn for everybody else who waits in this thread between two of them. */
export async function* inSlices<T>(list: readonly T[], size: number): AsyncGenerator<readonly T[]> {
  for (let at = 0; at < list.length; at += size) {
    if (at > 0) await new Promise((resolve) => setImmediate(resolve));
    yield list.slice(at, at + size);
  }
}

/** The same item by item. */
export async function* itemsInSlices<T>(list: readonly T[], size: number): AsyncGenerator<T> {
  for await (const slice of inSlices(list, size)) yield* slice;
}
