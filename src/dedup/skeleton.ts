import { readFileSync } from 'node:fs';

/** Texts that leave fewer code points than this have no text key: two people may say "gm". */
export const MIN_SKELETON_LENGTH = 64;

interface FoldTable {
  /** First and last code point of each range that leaves no trace: unassigned, ignorable, emoji, control, white space. */
  dropped: number[];
  /** What one code point looks like, where that isn't itself: case and confusables folded. */
  fold: Record<string, string>;
}

const table = JSON.parse(readFileSync(new URL('./tables/fold.json', import.meta.url), 'utf8')) as FoldTable;
const fold = new Map(Object.entries(table.fold));

// Applied once everything is folded, so that look-alikes and full-width letters of a scheme are caught too.
const ADDRESS = /(?:https?:\/\/|www\.)\S+/gu;

/**
 * What stays of a text when everything is taken away that a copier can change unseen (DESIGN.md, "Identities"): NFKC, case
 * and confusables folded (UTS #39), default-ignorables, emoji, URLs and white space removed. Decomposed (NFKD) instead of NFKC,
 * so that a look-alike letter under an accent folds as well. Two texts with equal skeletons look alike; a miss is possible,
 * a false hit only for texts that a reader could hardly tell apart.
 *
 * The tables are pinned in `tables/fold.json` (Unicode 14); of the engine only NFKD is used, which Unicode keeps stable for what
 * was assigned then; what wasn't is dropped before.
 */
export function skeleton(text: string): string {
  return keep(keep(text).normalize('NFKD'), true).replaceAll(ADDRESS, '').replaceAll(' ', '');
}

/** Drops code points without a trace; white space becomes one space, as URLs still have to end somewhere. */
function keep(text: string, folding = false): string {
  let kept = '';
  for (const char of text) {
    if (!isDropped(char.codePointAt(0) ?? 0)) kept += folding ? (fold.get(char) ?? char) : char;
    else if (WHITE_SPACE.test(char)) kept += ' ';
  }
  return kept;
}

const WHITE_SPACE = /^\p{White_Space}$/u;

function isDropped(point: number): boolean {
  if (point < 0x80) return point <= 0x20 || point === 0x7f;
  let low = 0;
  let high = table.dropped.length / 2 - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    if (point < table.dropped[middle * 2]!) high = middle - 1;
    else if (point > table.dropped[middle * 2 + 1]!) low = middle + 1;
    else return true;
  }
  return false;
}
