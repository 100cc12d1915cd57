import { sha256Hex } from '../core/hash/sha256.ts';
import { jaccardPpm, judgeRow } from './verdict.ts';
import type { ClaimedRow, Sighting, Verdict } from './verdict.ts';

/** What lies behind an `invalid` verdict, so that others can judge it themselves. Canonical JSON, named by its SHA-256. */
export interface ArchivedCheck {
  row: ClaimedRow;
  seen: Sighting;
  /** Time of the commitment's block, microseconds since 1970. */
  committed_at: number;
}

/** What an `invalid` verdict is worth to someone who did not make the check. */
export type Review =
  | { outcome: 'holds' }
  /** What was archived can't be had, so nothing can be said. */
  | { outcome: 'unseen' }
  | { outcome: 'refuted'; why: string };

/**
 * Judges an `invalid` verdict by what was archived of it. It is refuted where nothing was archived, where that is of another row or dates the commitment
 * otherwise than the chain, and where the rules give another verdict on it.
 * @param text the archived object's; null where it can't be had
 * @param committedAt times of the miner's commitments in the epoch
 */
export function reviewInvalid(verdict: Verdict, text: string | null, committedAt: ReadonlySet<number>): Review {
  if (verdict.archived === undefined) return { outcome: 'refuted', why: 'nothing is archived' };
  if (text === null) return { outcome: 'unseen' };
  if (sha256Hex(text) !== verdict.archived) return { outcome: 'refuted', why: 'what is archived has another digest' };
  const archived = parsed(text);
  if (archived === null) return { outcome: 'refuted', why: 'what is archived is no check' };
  const { row, seen, committed_at } = archived;
  if (row.id !== verdict.id) return { outcome: 'refuted', why: `what is archived is of ${row.id}` };
  if (!committedAt.has(committed_at)) return { outcome: 'refuted', why: 'no commitment of the miner has that time' };
  const again = judgeRow(row, seen, committed_at, similarityPpm(row, seen));
  if (again.verdict === verdict.verdict) return { outcome: 'holds' };
  return { outcome: 'refuted', why: `the rules say ${again.verdict} (${again.reason})` };
}

/** How alike what a row claims and what its source shows are, in parts per million; 0 where nothing is shown. */
export function similarityPpm(row: Pick<ClaimedRow, 'text'>, seen: Sighting): number {
  return seen.outcome === 'shown' ? jaccardPpm(row.text ?? '', seen.text ?? '') : 0;
}

function parsed(text: string): ArchivedCheck | null {
  try {
    const value = JSON.parse(text) as Partial<ArchivedCheck> | null;
    const whole = value?.row !== undefined && value.seen !== undefined && Number.isSafeInteger(value.committed_at);
    return whole ? (value as ArchivedCheck) : null;
  } catch {
    return null;
  }
}
