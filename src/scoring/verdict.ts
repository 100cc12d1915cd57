/** What a spot check says of one row (DESIGN.md, rule 3). `gone` is not yet a verdict: the rate of it decides. */
export interface Verdict {
  id: string;
  verdict: 'valid' | 'invalid' | 'gone' | 'inconclusive';
  reason: string;
  /** Of an invalid row: digest of the stored row and response. */
  archived?: string;
}

/** What the validator saw where the row says it came from. Times in microseconds. */
export type Sighting =
  | {
      outcome: 'shown';
      id: string;
      text: string | null;
      createdAt: number | null;
      lastModified: number | null;
      /** A field that never changes at its source, and is another there; null where there is none, absent in checks of version 0.1. */
      differs?: string | null;
    }
  | { outcome: 'gone'; status: number }
  | { outcome: 'unreachable'; reason: string };

/** What a row claims that its source can show. */
export interface ClaimedRow {
  id: string;
  text: string | null;
  created_at: number | null;
  scraped_at: number;
}

/** Similarity below which a page that names no time of change cannot have been edited into what it shows. */
const EDITED_AT_LEAST_PPM = 500_000;

/** Servers state times in whole seconds, by clocks of their own. */
const CLOCKS_DIFFER_US = 60_000_000;

/**
 * Compares a committed row with what its source shows now.
 * @param commitTimeUs time of the commit's block: what the source dates after it was not there to be scraped
 * @param similarityPpm Jaccard similarity of the two texts' shingles
 */
export function judgeRow(row: ClaimedRow, seen: Sighting, commitTimeUs: number, similarityPpm: number): Verdict {
  const say = (verdict: Verdict['verdict'], reason: string): Verdict => ({ id: row.id, verdict, reason });
  if (seen.outcome === 'unreachable') return say('inconclusive', seen.reason);
  if (seen.outcome === 'gone') return say('gone', `status_${seen.status}`);
  if (row.scraped_at > commitTimeUs) return say('invalid', 'scraped_after_commit');
  if (seen.createdAt !== null && seen.createdAt > commitTimeUs) return say('invalid', 'created_after_commit');
  if (seen.id !== row.id) return say('invalid', 'other_id');
  if ((seen.differs ?? null) !== null) return say('invalid', 'field_differs');
  if (seen.text === row.text) {
    return seen.createdAt === row.created_at ? say('valid', 'same_text') : say('invalid', 'created_at_differs');
  }
  if (seen.lastModified !== null && seen.lastModified > row.scraped_at - CLOCKS_DIFFER_US)
    return say('inconclusive', 'changed_since');
  if (seen.lastModified !== null) return say('invalid', 'text_differs');
  return similarityPpm >= EDITED_AT_LEAST_PPM ? say('inconclusive', 'text_similar') : say('invalid', 'text_differs');
}

/** Jaccard similarity of the texts' sets of five-word shingles, in parts per million; 1,000,000 for two empty texts. */
export function jaccardPpm(a: string, b: string): number {
  const [left, right] = [shingles(a), shingles(b)];
  if (left.size === 0 && right.size === 0) return 1_000_000;
  let shared = 0;
  for (const item of left) if (right.has(item)) shared += 1;
  return Math.floor((shared * 1_000_000) / (left.size + right.size - shared));
}

function shingles(text: string): Set<string> {
  const words = text.split(/\s+/u).filter((word) => word !== '');
  const size = Math.min(5, words.length);
  const found = new Set<string>();
  for (let start = 0; size > 0 && start + size <= words.length; start += 1) {
    found.add(words.slice(start, start + size).join(' '));
  }
  return found;
}
