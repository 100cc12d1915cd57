import type { TaskRequest } from '../wire/request.ts';

/** A request whose answer is a text. */
export type TextRequest = Extract<TaskRequest, { api: 'chat' | 'completion' }>;

/** A token with the natural logarithm of its probability, before temperature and top_p. */
export interface RatedToken {
  text: string;
  logprob: number;
}

/** A token of an answer as the verifier's model sees it in its place. */
export interface PrefilledToken extends RatedToken {
  /** Place among the model's likeliest tokens, from 1; null where it is known only that it is behind those in `top`. */
  rank: number | null;
  /** The likeliest tokens of this position, likeliest first, at most 20. */
  top: readonly RatedToken[];
  /** That the text ends here instead; null where that is not among the likeliest. */
  end_logprob: number | null;
}

/** An answer as the verifier's model sees it. */
export interface PrefilledAnswer {
  /** By the verifier's tokenizer. Their texts join to the answer, or to it without the white space around it; a piece of a character is a replacement character or empty. */
  tokens: readonly PrefilledToken[];
  /** That the text ends after the last token; null where that is not among the likeliest. */
  end_logprob: number | null;
}

/**
 * Reads an answer, token by token, after the request that it answers, in one pass: nothing is generated. Throws BackendBusy, BackendFailed or
 * BackendUnsupported; the caller's own abort with its reason.
 * @param answer its text; not empty
 */
export type Prefill = (request: TextRequest, answer: string, signal?: AbortSignal) => Promise<PrefilledAnswer>;

/** Tokens of a position that are asked for: the most that any API states. */
export const PREFILL_TOP = 20;
