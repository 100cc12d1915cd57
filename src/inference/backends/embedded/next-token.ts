import type { AskedNext, LlamaModel, StatedNext, TokenId } from './llama.ts';

export interface RatedId {
  id: TokenId;
  /** Natural logarithm of its probability, before temperature and top_p. */
  logprob: number;
}

/** What a model makes of the token that comes next. */
export interface NextToken {
  /** Likeliest first; as many as were asked for, and then those that were asked for by their number. */
  rated: readonly RatedId[];
  /** That the text ends here, by any of the tokens that end one. */
  end_logprob: number;
}

/** @param named tokens that are stated however unlikely they are */
export function askNext(top: number, named: readonly TokenId[]): AskedNext {
  return { generateNext: { logits: { filter: { tokens: named, includeTop: top } }, totalLogitWeight: true } };
}

/** Reads what `askNext` asked for. Throws Error where the engine states nothing. */
export function readNext(stated: StatedNext | undefined, ends: readonly TokenId[]): NextToken {
  const { logits, totalLogitWeight } = stated?.next ?? {};
  if (logits === undefined || totalLogitWeight === undefined) throw new Error('the engine stated no logits');
  const sorted = [...logits].sort((a, b) => b[1] - a[1]);
  const highest = sorted[0]?.[1] ?? 0;
  // The engine's weights are relative to the highest logit; it is always among those asked for.
  const base = highest + Math.log(totalLogitWeight);
  const endWeight = ends.reduce((sum, id) => sum + Math.exp((logits.get(id) ?? -Infinity) - base), 0);
  return {
    rated: sorted.map(([id, logit]) => ({ id, logprob: logit - base })),
    end_logprob: Math.max(Math.log(endWeight), LEAST_LOGPROB),
  };
}

/** Tokens that end a text, in the order of their numbers. */
export function endTokens(model: Pick<LlamaModel, 'iterateAllTokens' | 'isEogToken'>): TokenId[] {
  return [...model.iterateAllTokens()].filter((id) => model.isEogToken(id));
}

/** What engines write for "never": a logarithm that JSON can hold. */
const LEAST_LOGPROB = -9999;
