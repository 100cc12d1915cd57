import { z } from 'zod';
import { chatLogprob } from './chat.ts';
import { MAX_TOKENS } from './limits.ts';
import { boundedText, finishReason, logprob, modelName, sampling, tokenText, topLogprobs, usage } from './shared.ts';

/** A prompt and what follows it. */
const MOST_TOKENS = 2 * MAX_TOKENS;

/** Completion as OpenAI's older API has it; with `echo` and `logprobs` an engine states the probabilities of the prompt itself, which is how a text is verified. */
export const completionRequest = z.strictObject({
  model: modelName,
  prompt: boundedText,
  ...sampling,
  // With `echo` a prompt is read and nothing written: engines take 0 there.
  max_tokens: z.int().min(0).max(MAX_TOKENS).optional(),
  logprobs: topLogprobs.optional(),
  echo: z.boolean().optional(),
});
export type CompletionRequest = z.output<typeof completionRequest>;

/** Lists of one length, a member a token; the first token of an echoed prompt has no probability. */
export const listedLogprobs = z
  .object({
    tokens: z.array(tokenText).max(MOST_TOKENS),
    token_logprobs: z.array(logprob.nullable()).max(MOST_TOKENS),
    top_logprobs: z.array(z.record(tokenText, logprob).nullable()).max(MOST_TOKENS).nullable().optional(),
  })
  .refine(({ tokens, token_logprobs: values, top_logprobs: tops }) => {
    return tokens.length === values.length && (tops == null || tokens.length === tops.length);
  }, 'has lists of different lengths');

/** llama.cpp states them as a chat's; here they become lists as well. */
const completionLogprobs = z
  .union([
    listedLogprobs,
    z.object({ content: z.array(chatLogprob).max(MOST_TOKENS) }).transform(({ content }) => ({
      tokens: content.map(({ token }) => token),
      token_logprobs: content.map((item) => item.logprob),
      top_logprobs: content.map(({ top_logprobs: tops }) =>
        Object.fromEntries(tops.map((top) => [top.token, top.logprob])),
      ),
    })),
  ])
  .nullable()
  .optional();

const choice = z.object({
  index: z.int().min(0),
  text: boundedText,
  finish_reason: finishReason.optional(),
  logprobs: completionLogprobs,
});

export const completionAnswer = z.object({
  id: z.string().max(200),
  model: modelName,
  choices: z.array(choice).min(1).max(1),
  usage: usage.optional(),
});
export type CompletionAnswer = z.output<typeof completionAnswer>;

/** One event of a streamed completion; the last may hold only usage. */
export const completionChunk = completionAnswer.extend({
  choices: z.array(choice).max(1),
  usage: usage.nullable().optional(),
});
export type CompletionChunk = z.output<typeof completionChunk>;
