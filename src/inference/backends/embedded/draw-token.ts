import { createHash } from 'node:crypto';
import type { TokenId } from './llama.ts';
import type { RatedId } from './next-token.ts';

/** Tokens among which one is drawn: what is behind the thousand likeliest has no part in any text. */
export const DRAWN_FROM = 1000;

export interface Sampling {
  /** 0 takes the likeliest. */
  temperature: number;
  top_p: number;
  seed: string;
}

/**
 * Draws a token: probabilities to the power of 1 / temperature, of the likeliest that together have `top_p`. The same seed, position and probabilities give the same token.
 * @param rated likeliest first; at least one
 * @param position of the token in its answer
 */
export function drawToken(
  rated: readonly RatedId[],
  { temperature, top_p, seed }: Sampling,
  position: number,
): TokenId {
  const [first] = rated;
  if (first === undefined) throw new RangeError('there is no token to draw');
  if (temperature === 0) return first.id;
  const weights = rated.map(({ logprob }) => Math.exp((logprob - first.logprob) / temperature));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let kept = 0;
  let sum = 0;
  while (kept < weights.length && sum < top_p * total) sum += weights[kept++] ?? 0;
  let left = uniform(seed, position) * sum;
  const drawn = rated.slice(0, kept).find((_, place) => {
    left -= weights[place] ?? 0;
    return left < 0;
  });
  return (drawn ?? first).id;
}

/** In [0, 1), of 48 bits. */
function uniform(seed: string, position: number): number {
  return createHash('sha256').update(`${seed}:${position}`).digest().readUIntBE(0, 6) / 2 ** 48;
}
