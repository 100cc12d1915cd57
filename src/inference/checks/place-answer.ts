import type { PrefilledToken, RatedToken } from './prefill.ts';
import { suffixSpans } from './token-spans.ts';

/** What an engine states of one position of a text that it read. */
export interface ReadPosition {
  text: string;
  /** Null at the first position of all, before which nothing stands. */
  logprob: number | null;
  rank: number | null;
  top: readonly RatedToken[];
}

/**
 * The last positions of what an engine read, which are those of the answer: with the white space around it where they join to that, else without, as chat
 * templates cut it. Null where they join to neither.
 */
export function answerPositions(
  positions: readonly ReadPosition[],
  answer: string,
  endTokens: readonly string[],
): PrefilledToken[] | null {
  const texts = positions.map(({ text }) => text);
  for (const text of new Set([answer, answer.trimEnd(), answer.trim()])) {
    const found = text === '' ? null : suffixSpans(texts, text);
    if (found === null) continue;
    return positions.slice(found.from).map((position, index) => ({
      // A first token that reaches in from before is given as far as it is the answer's.
      text:
        index === 0 ? position.text.slice(Math.max(position.text.length - lengthOf(found.spans[0]), 0)) : position.text,
      logprob: position.logprob ?? NEVER,
      rank: position.rank,
      top: position.top,
      end_logprob: endOf(position.top, endTokens),
    }));
  }
  return null;
}

/** How likely the end is among the likeliest tokens; null where it is not among them. */
export function endOf(top: readonly RatedToken[], endTokens: readonly string[]): number | null {
  const ends = top.filter(({ text }) => endTokens.includes(text)).map(({ logprob }) => logprob);
  return ends.length === 0 ? null : Math.max(...ends);
}

/** Tokens of a position as an object states them, likeliest first. */
export function ratedTokens(stated: Readonly<Record<string, number>>): RatedToken[] {
  return Object.entries(stated)
    .map(([text, logprob]) => ({ text, logprob }))
    .sort((a, b) => b.logprob - a.logprob);
}

/** What engines write for a token that can't stand there. */
const NEVER = -9999;

function lengthOf(span: { start: number; end: number } | undefined): number {
  return span === undefined ? 0 : span.end - span.start;
}
