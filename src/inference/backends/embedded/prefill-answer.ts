import { PREFILL_TOP } from '../../checks/prefill.ts';
import type { PrefilledAnswer } from '../../checks/prefill.ts';
import { feed } from './feed.ts';
import type { LlamaModel, LlamaSequence, TokenId } from './llama.ts';
import { readNext } from './next-token.ts';
import { tokenTexts } from './token-text.ts';

export interface Reading {
  model: LlamaModel;
  sequence: LlamaSequence;
  prompt: readonly TokenId[];
  /** Tokens of the answer. */
  tokens: readonly TokenId[];
  ends: readonly TokenId[];
  signal: AbortSignal;
}

/** What the model makes of each token of an answer, in one pass. Throws the reason of the signal, and what the engine throws. */
export async function prefillAnswer(reading: Reading): Promise<PrefilledAnswer> {
  const { model, sequence, prompt, tokens, ends, signal } = reading;
  await sequence.clearHistory();
  const stated = await feed(sequence, prompt, tokens, { top: PREFILL_TOP, ends, signal });
  const seen = stated.map((item) => readNext(item, ends));
  const texts = tokenTexts(model, prompt);
  return {
    tokens: tokens.map((id, position) => {
      const { rated = [], end_logprob = null } = seen[position] ?? {};
      const place = rated.findIndex((item) => item.id === id);
      const top = rated
        .slice(0, PREFILL_TOP)
        .map((item) => ({ text: texts.alternative(item.id), logprob: item.logprob }));
      const rank = place < PREFILL_TOP ? place + 1 : null;
      return { text: texts.push(id), logprob: rated[place]?.logprob ?? LEAST_LOGPROB, rank, top, end_logprob };
    }),
    end_logprob: seen.at(-1)?.end_logprob ?? null,
  };
}

/** The tokens of an answer: those that a model which writes a space before every text would have written without it. */
export function answerTokens(model: LlamaModel, prompt: readonly TokenId[], answer: string): TokenId[] {
  const whole = model.tokenize(answer, false);
  const trimmed = model.tokenize(answer, false, 'trimLeadingSpace');
  const isWritten = (tokens: readonly TokenId[]): boolean => {
    const texts = tokenTexts(model, prompt);
    return tokens.map((id) => texts.push(id)).join('') === answer;
  };
  return !isWritten(whole) && isWritten(trimmed) ? trimmed : whole;
}

const LEAST_LOGPROB = -9999;
