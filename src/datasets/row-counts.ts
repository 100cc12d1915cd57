import type { DataRecord } from '../core/record.ts';

/** What a dataset's rows are, in numbers. Keys of the tallies are those that occur. */
export interface RowCounts {
  sources: Record<string, number>;
  kinds: Record<string, number>;
  /** By BCP 47 tag. */
  languages: Record<string, number>;
  without_language: number;
  without_created_at: number;
  /** Microseconds; null where no row states a time. */
  first_created_at: number | null;
  last_created_at: number | null;
}

export type CountedRow = Pick<DataRecord, 'source' | 'kind' | 'lang' | 'created_at'>;

export function noRows(): RowCounts {
  return {
    sources: {},
    kinds: {},
    languages: {},
    without_language: 0,
    without_created_at: 0,
    first_created_at: null,
    last_created_at: null,
  };
}

/** Counts one more row. */
export function countRow(counts: RowCounts, { source, kind, lang, created_at: at }: CountedRow): void {
  addOne(counts.sources, source);
  addOne(counts.kinds, kind);
  if (lang === null) counts.without_language += 1;
  else addOne(counts.languages, lang);
  if (at === null) {
    counts.without_created_at += 1;
    return;
  }
  counts.first_created_at = Math.min(counts.first_created_at ?? at, at);
  counts.last_created_at = Math.max(counts.last_created_at ?? at, at);
}

// Languages are the miners' words: `__proto__` and its like must count as any other.
function addOne(tally: Record<string, number>, key: string): void {
  const before = Object.hasOwn(tally, key) ? (tally[key] ?? 0) : 0;
  Object.defineProperty(tally, key, { value: before + 1, enumerable: true, configurable: true, writable: true });
}
