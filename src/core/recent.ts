/**
 * Makes a value when it is first asked for and keeps it, as long as it is among those that were asked for last; else it is made anew.
 * @param most values that are kept at a time
 */
export function createRecent<T>(most: number, make: (key: string) => T): (key: string) => T {
  // A Map keeps the order in which its keys came.
  const kept = new Map<string, { value: T }>();
  return (key) => {
    const found = kept.get(key) ?? { value: make(key) };
    kept.delete(key);
    kept.set(key, found);
    for (const oldest of kept.keys()) {
      if (kept.size <= most) break;
      kept.delete(oldest);
    }
    return found.value;
  };
}
