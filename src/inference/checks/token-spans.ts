/** Where a token stands in a text, in UTF-16 units: from `start` up to, and without, `end`. */
export interface Span {
  start: number;
  end: number;
}

/** What engines write in place of a byte that is no character of its own. */
const PIECE = '\u{FFFD}';
/** Above what texts with long rows of characters in pieces come to; what is worse than that was made to be. */
const MAX_STEPS = 400_000;

/**
 * Where tokens stand that should join to a text; null where they don't. A replacement character in a token is a piece of a character: it stands for one
 * character that is not ASCII, or for none.
 */
export function spansOf(tokens: readonly string[], text: string): Span[] | null {
  return walkBack(tokens, text, { isWhole: true })?.spans ?? null;
}

/** The last tokens of a longer text that join to `text`, with the index of the first of them; null where none do. The first may reach in from before it. */
export function suffixSpans(tokens: readonly string[], text: string): { from: number; spans: Span[] } | null {
  return walkBack(tokens, text, { isWhole: false });
}

/** From the end to the beginning, with every offset at which the token could begin: pieces leave several open. */
function walkBack(
  tokens: readonly string[],
  text: string,
  { isWhole }: { isWhole: boolean },
): { from: number; spans: Span[] } | null {
  const starts: Map<number, number>[] = [];
  let open = [text.length];
  let steps = 0;
  for (let index = tokens.length - 1; index >= 0; index -= 1) {
    const next = new Map<number, number>();
    for (const end of open) {
      for (const start of startsOf(tokens[index] ?? '', text, end, !isWhole)) {
        if (!next.has(start)) next.set(start, end);
      }
    }
    open = [...next.keys()];
    steps += open.length;
    if (open.length === 0 || steps > MAX_STEPS) return null;
    starts.push(next);
    // A piece before it may belong to the first character.
    const isDone = isWhole ? index === 0 : tokens[index - 1]?.startsWith(PIECE) !== true;
    if (isDone && next.has(0)) return { from: index, spans: spansFrom(starts) };
  }
  return null;
}

function spansFrom(starts: readonly Map<number, number>[]): Span[] {
  let at = 0;
  return starts.toReversed().map((ends) => {
    const start = at;
    at = ends.get(start) ?? start;
    return { start, end: at };
  });
}

/** Offsets at which a token that ends at `end` may begin. @param mayReachIn whether it may begin before the text: then at 0 */
function startsOf(token: string, text: string, end: number, mayReachIn: boolean): number[] {
  let open = [end];
  for (const character of [...token].reverse()) {
    const before = open.flatMap((at) => {
      if (at === 0 && mayReachIn && end > 0) return [0];
      const same = text.endsWith(character, at) ? [at - character.length] : [];
      return character === PIECE ? [...same, at, ...otherBefore(text, at)] : same;
    });
    open = [...new Set(before)];
  }
  return open;
}

/** The offset before the character that ends at `at`, where that is not ASCII. */
function otherBefore(text: string, at: number): number[] {
  const unit = text.charCodeAt(at - 1);
  if (Number.isNaN(unit) || unit < 0x80) return [];
  return [at - (unit >= 0xdc00 && unit <= 0xdfff ? 2 : 1)];
}
