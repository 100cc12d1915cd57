import { drawsFrom } from '../prompts/prompt-seed.ts';
import type { PrefilledAnswer, PrefilledToken } from './prefill.ts';
import type { StatedToken } from './stated-answer.ts';
import { spansOf } from './token-spans.ts';
import type { Span } from './token-spans.ts';

/** A position of an answer as both sides see it. */
export interface AlignedToken {
  verifier: PrefilledToken;
  /** The token that its miner states for the very same characters; null where it states other ones. */
  miner: StatedToken | null;
}

/**
 * Every token of the verifier's with the miner's for the same characters; tokenizers meet in the text alone. Null where the miner's tokens don't join to its text.
 * @param text of the answer. Throws RangeError where the verifier's tokens don't join to it.
 */
export function alignTokens(
  text: string,
  stated: readonly StatedToken[],
  { tokens }: Pick<PrefilledAnswer, 'tokens'>,
): AlignedToken[] | null {
  const theirs = statedSpans(stated, text);
  if (theirs === null) return null;
  const own = ownSpans(tokens, text);
  const byPlace = new Map(theirs.map(({ start, end }, index) => [`${start}-${end}`, stated[index]]));
  return tokens.map((verifier, index) => ({
    verifier,
    miner: byPlace.get(`${own[index]?.start}-${own[index]?.end}`) ?? null,
  }));
}

/** Whether stated tokens join to the text; a last one that states the end, and stands for no text, is left out. */
export function statedSpans(stated: readonly StatedToken[], text: string): Span[] | null {
  const texts = stated.map((token) => token.text);
  return spansOf(texts, text) ?? spansOf(texts.slice(0, -1), text);
}

/** Different positions, each as likely, drawn by a seed over all of `count`; all of them where there are no more. */
export function drawnPositions(seed: string, count: number, most: number): number[] {
  const draws = drawsFrom(`seine-positions.${seed}`);
  const left = Array.from({ length: count }, (_, index) => index);
  return Array.from({ length: Math.min(most, count) }, () => left.splice(draws.below(left.length), 1)[0] as number);
}

/** Templates cut the white space around a message: the verifier's tokens may join to less than the text. */
function ownSpans(tokens: readonly PrefilledToken[], text: string): Span[] {
  const texts = tokens.map((token) => token.text);
  for (const cut of new Set([text, text.trimEnd(), text.trim()])) {
    const spans = spansOf(texts, cut);
    const from = text.indexOf(cut);
    if (spans !== null) return spans.map(({ start, end }) => ({ start: start + from, end: end + from }));
  }
  throw new RangeError("the verifier's tokens don't join to the answer");
}
