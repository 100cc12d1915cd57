import type { LlamaSequence, StatedNext, TokenId } from './llama.ts';
import { askNext } from './next-token.ts';

/** Tokens that the engine is given at once: it looks at a signal between them. */
export const BATCH_TOKENS = 512;

export interface Asked {
  /** How many of the likeliest tokens are stated. */
  top: number;
  ends: readonly TokenId[];
  signal: AbortSignal;
}

/**
 * Gives a sequence tokens and returns what it makes of what follows the last of `given` and each of `read`, in order: one more than `read` has. Throws the reason of the
 * signal, and what the engine throws.
 * @param given at least one
 * @param read tokens whose own probability is asked for, however low
 */
export async function feed(
  sequence: LlamaSequence,
  given: readonly TokenId[],
  read: readonly TokenId[],
  { top, ends, signal }: Asked,
): Promise<StatedNext[]> {
  const tokens = [...given, ...read];
  const stated: StatedNext[] = [];
  for (let start = 0; start < tokens.length; start += BATCH_TOKENS) {
    signal.throwIfAborted();
    const input = tokens.slice(start, start + BATCH_TOKENS).map((token, place) => {
      const next = tokens[start + place + 1];
      const isAsked = start + place >= given.length - 1;
      return isAsked ? ([token, askNext(top, next === undefined ? ends : [...ends, next])] as const) : token;
    });
    const results = await sequence.controlledEvaluate(input);
    for (const [place, result] of results.entries()) {
      if (start + place >= given.length - 1 && result !== undefined) stated.push(result);
    }
  }
  if (stated.length !== read.length + 1) throw new Error('the engine left out a position');
  return stated;
}
