/** Temporal search attributes by which a person finds Seine's workflows (DESIGN.md, section 3). */
export const SEARCH_ATTRIBUTES = {
  role: { name: 'SeineRole', type: 'KEYWORD' },
  hotkey: { name: 'SeineHotkey', type: 'KEYWORD' },
  netuid: { name: 'SeineNetuid', type: 'INT' },
  source: { name: 'SeineSource', type: 'KEYWORD' },
  epoch: { name: 'SeineEpoch', type: 'INT' },
  manifest: { name: 'SeineManifest', type: 'KEYWORD' },
} as const;

export interface SearchValues {
  role?: 'miner' | 'validator';
  hotkey?: string;
  netuid?: number;
  source?: string;
  epoch?: number;
  manifest?: string;
}

type Keys = typeof SEARCH_ATTRIBUTES;
export type SearchPair =
  | { key: Keys['role' | 'hotkey' | 'source' | 'manifest']; value: string }
  | { key: Keys['netuid' | 'epoch']; value: number };

/** The pairs in the form that clients, schedules and child workflows take. */
export function searchPairs(values: SearchValues): SearchPair[] {
  const names = Object.keys(values) as (keyof SearchValues)[];
  return names.map((name) => ({ key: SEARCH_ATTRIBUTES[name], value: values[name] }) as SearchPair);
}
