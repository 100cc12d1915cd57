import { PPM } from '../../../core/units.ts';

/** How an answer ended, and what the verifier's model makes of it. */
export interface TextEnd {
  /** Whether its miner says that it ended for its length; else the model is said to have chosen the end. */
  is_length: boolean;
  /** That the text ends there, in parts per trillion; 0 where that is not among the verifier's likeliest. */
  end_ppt: number;
  /** Tokens of the answer as the verifier counts them. */
  tokens: number;
  /** As many as were asked for; null where the request names none. */
  max_tokens: number | null;
  /** Whether the request names words at which an answer is to end: then any place may be one. */
  has_stop_words: boolean;
}

/** A text read anew may come to fewer tokens than the model wrote: it may spell words in pieces that its tokenizer joins. */
const LEAST_LENGTH_PPM = 950_000;

/**
 * Whether an answer ended too soon: where the end is none of the verifier's likeliest tokens, or for its length before it had it. Ours: a miner is paid by the unit,
 * but asked to do the whole.
 */
export function isCutShort({ is_length, end_ppt, tokens, max_tokens, has_stop_words }: TextEnd): boolean {
  if (is_length) return max_tokens !== null && tokens < Math.floor((max_tokens * LEAST_LENGTH_PPM) / PPM);
  return !has_stop_words && end_ppt === 0;
}
