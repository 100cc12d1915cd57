import type { TaskAnswer } from '../wire/request.ts';
import type { RatedToken } from './prefill.ts';
import { ratedTokens } from './place-answer.ts';

/** A token as its miner states it. */
export interface StatedToken extends RatedToken {
  top: readonly RatedToken[];
}

/** A text as its miner answered it. */
export interface StatedAnswer {
  text: string;
  /** `length`, or any other word for an end that the model chose; null where none is stated. */
  finish: string | null;
  /** Null where the probabilities of one or more tokens are not stated. */
  tokens: readonly StatedToken[] | null;
}

/** The text of an answer with what its miner states of its tokens; null for an answer that is no text. */
export function statedAnswer(answer: TaskAnswer): StatedAnswer | null {
  if (answer.api === 'chat') {
    const choice = answer.body.choices[0];
    const tokens = choice?.logprobs?.content?.map(({ token, logprob, top_logprobs: tops }) => ({
      ...{ text: token, logprob },
      top: tops.map((top) => ({ text: top.token, logprob: top.logprob })).sort((a, b) => b.logprob - a.logprob),
    }));
    return { text: choice?.message.content ?? '', finish: choice?.finish_reason ?? null, tokens: tokens ?? null };
  }
  if (answer.api !== 'completion') return null;
  const choice = answer.body.choices[0];
  const listed = choice?.logprobs;
  const tokens = listed?.tokens.flatMap((text, index) => {
    const logprob = listed.token_logprobs[index];
    return typeof logprob === 'number' ? [{ text, logprob, top: ratedTokens(listed.top_logprobs?.[index] ?? {}) }] : [];
  });
  const isWhole = tokens !== undefined && tokens.length === listed?.tokens.length;
  return { text: choice?.text ?? '', finish: choice?.finish_reason ?? null, tokens: isWhole ? tokens : null };
}
