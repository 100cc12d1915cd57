import { PPM } from '../core/units.ts';

/** What of a row its miner's rows are compared by. */
export interface SignedRow {
  author: string | null;
  title: string | null;
  text: string | null;
  /** Tells texts apart that differ in more than spelling; null for one that is too short. */
  textKey: string | null;
}

/** A share of a miner's rows that is unusual when it is large. Says nothing of any one row. */
export interface Sign {
  sign: 'repeated_text' | 'empty_text' | 'no_title' | 'one_author';
  /** Of all rows, in parts per million. */
  share_ppm: number;
  /** Beyond it the rows are looked at more closely. */
  limit_ppm: number;
}

/**
 * SN13 refuses shards with more than 1 % duplicates or 10 % empty rows; as shares alone prove nothing, here they only draw more checks. Pages of one
 * site have one author more often than not.
 */
const LIMITS_PPM: Readonly<Record<Sign['sign'], number>> = {
  repeated_text: 10_000,
  empty_text: 100_000,
  no_title: 500_000,
  one_author: 900_000,
};

/** Fewer rows than this show no pattern. */
const LEAST_ROWS = 30;

/** The signs of a miner's rows of an epoch; none of few rows. */
export function signsOf(rows: readonly SignedRow[]): Sign[] {
  if (rows.length < LEAST_ROWS) return [];
  const keys = rows.map(({ textKey }) => textKey).filter((key) => key !== null);
  const authors = rows.map(({ author }) => author).filter((author) => author !== null);
  const counts: Record<Sign['sign'], number> = {
    repeated_text: keys.length - new Set(keys).size,
    empty_text: rows.filter(({ text }) => (text ?? '').trim() === '').length,
    no_title: rows.filter(({ title }) => (title ?? '').trim() === '').length,
    one_author: largestCount(authors),
  };
  return Object.entries(counts).map(([name, count]) => {
    const sign = name as Sign['sign'];
    return { sign, share_ppm: Math.floor((count * PPM) / rows.length), limit_ppm: LIMITS_PPM[sign] };
  });
}

/** Whether any sign is beyond its limit. */
export function isSuspicious(signs: readonly Sign[]): boolean {
  return signs.some(({ share_ppm, limit_ppm }) => share_ppm > limit_ppm);
}

function largestCount(values: readonly string[]): number {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return Math.max(0, ...counts.values());
}
