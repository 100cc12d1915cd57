/** Names as MODULE LIST shows them: search, JSON, Bloom. */
export const requiredModules = ['search', 'ReJSON', 'bf'] as const;

/**
 * Names of the loaded modules in an answer to MODULE LIST: one entry a module, itself a flat list of names and values
 * (RESP2) or a map (RESP3).
 */
export function moduleNames(answer: unknown): string[] {
  if (!Array.isArray(answer)) return [];
  return answer.flatMap((entry: unknown) => nameIn(entry) ?? []);
}

function nameIn(entry: unknown): string | undefined {
  if (Array.isArray(entry)) {
    const name: unknown = entry[entry.indexOf('name') + 1];
    return entry.includes('name') && typeof name === 'string' ? name : undefined;
  }
  if (typeof entry !== 'object' || entry === null || !('name' in entry)) return undefined;
  return typeof entry.name === 'string' ? entry.name : undefined;
}

/** Which of the modules that the index needs are not loaded. */
export function missingModules(answer: unknown): string[] {
  const loaded = new Set(moduleNames(answer));
  return requiredModules.filter((name) => !loaded.has(name));
}
