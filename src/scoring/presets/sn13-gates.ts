/** What is known of a shard before SN13 lets it count; rates in parts per million. */
export interface ShardFacts {
  bytes: number;
  rows: number;
  /** Rows that its name states. */
  rows_named: number;
  schema_exact: boolean;
  duplicates_ppm: number;
  empty_ppm: number;
  job_match_ppm: number;
  /** Rows of each source that were scraped again, and how many of them succeeded. */
  rescraped: Record<string, { rows: number; found: number }>;
}

/** A gate of SN13 that a shard did not pass. */
export type Sn13Gate =
  'schema' | 'row_count' | 'file_size' | 'row_size' | 'duplicates' | 'empty_rows' | 'job_match' | 'rescrape';

const MIN_BYTES = 15_000;
const MAX_BYTES = 1_000_000_000;
const MIN_ROW_BYTES = 50;
const MOST_DUPLICATES_PPM = 10_000;
const MOST_EMPTY_PPM = 100_000;
const LEAST_MATCH_PPM = 950_000;
const LEAST_FOUND_PERCENT = 80;
/** A source of which fewer rows were scraped again is judged by the whole only. */
const LEAST_ROWS_OF_A_SOURCE = 5;

/** The gates of SN13 that a shard fails, in the order in which they cost more; none: it counts. Source: SN13's shard validation, public code. */
export function failedSn13Gates(shard: ShardFacts): Sn13Gate[] {
  const failed: [Sn13Gate, boolean][] = [
    ['schema', !shard.schema_exact],
    ['row_count', shard.rows !== shard.rows_named],
    ['file_size', shard.bytes < MIN_BYTES || shard.bytes > MAX_BYTES],
    ['row_size', shard.bytes < MIN_ROW_BYTES * shard.rows],
    ['duplicates', shard.duplicates_ppm > MOST_DUPLICATES_PPM],
    ['empty_rows', shard.empty_ppm > MOST_EMPTY_PPM],
    ['job_match', shard.job_match_ppm < LEAST_MATCH_PPM],
    ['rescrape', !isFound(Object.values(shard.rescraped))],
  ];
  return failed.filter(([, is]) => is).map(([gate]) => gate);
}

function isFound(sources: readonly { rows: number; found: number }[]): boolean {
  const all = sources.reduce((sum, { rows, found }) => ({ rows: sum.rows + rows, found: sum.found + found }), {
    rows: 0,
    found: 0,
  });
  const judged = [all, ...sources.filter(({ rows }) => rows >= LEAST_ROWS_OF_A_SOURCE)];
  return all.rows > 0 && judged.every(({ rows, found }) => found * 100 >= rows * LEAST_FOUND_PERCENT);
}
