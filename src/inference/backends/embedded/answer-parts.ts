import type { AnswerChunk } from '../backend.ts';
import type { TaskAnswer } from '../../wire/request.ts';
import { joinChat, joinCompletion } from '../../wire/streamed-answer.ts';
import type { WrittenToken } from './generate.ts';

export interface AnswerHead {
  id: string;
  model: string;
}

/** The event that a token is. @param isRated whether its probabilities were asked for */
export function tokenChunk(
  api: 'chat' | 'completion',
  head: AnswerHead,
  { text, logprob, top }: WrittenToken,
  isRated: boolean,
): AnswerChunk {
  if (api === 'chat') {
    const rated = {
      token: text,
      logprob,
      top_logprobs: top.map((item) => ({ token: item.text, logprob: item.logprob })),
    };
    const logprobs = isRated ? { logprobs: { content: [rated] } } : {};
    return { api, body: { ...head, choices: [{ index: 0, delta: { content: text }, ...logprobs }] } };
  }
  // Of tokens that are written alike the likeliest counts.
  const tops = Object.fromEntries(top.map((item) => [item.text, item.logprob] as const).toReversed());
  const logprobs = isRated ? { logprobs: { tokens: [text], token_logprobs: [logprob], top_logprobs: [tops] } } : {};
  return { api, body: { ...head, choices: [{ index: 0, text, ...logprobs }] } };
}

export interface AnswerEnd {
  reason: 'stop' | 'length';
  promptTokens: number;
  tokens: number;
}

/** The last event: why the answer ended, and how long it is. */
export function endChunk(
  api: 'chat' | 'completion',
  head: AnswerHead,
  { reason, promptTokens, tokens }: AnswerEnd,
): AnswerChunk {
  const usage = { prompt_tokens: promptTokens, completion_tokens: tokens, total_tokens: promptTokens + tokens };
  if (api === 'chat') {
    return { api, body: { ...head, choices: [{ index: 0, delta: {}, finish_reason: reason }], usage } };
  }
  return { api, body: { ...head, choices: [{ index: 0, text: '', finish_reason: reason }], usage } };
}

/** The whole answer that these events are. */
export function wholeAnswer(api: 'chat' | 'completion', chunks: readonly AnswerChunk[]): TaskAnswer {
  if (api === 'chat')
    return { api, body: joinChat(chunks.flatMap((chunk) => (chunk.api === 'chat' ? [chunk.body] : []))) };
  return { api, body: joinCompletion(chunks.flatMap((chunk) => (chunk.api === 'completion' ? [chunk.body] : []))) };
}
