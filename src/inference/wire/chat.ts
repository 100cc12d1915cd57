import { z } from 'zod';
import { MAX_IMAGE_BASE64_BYTES, MAX_MESSAGES, MAX_TOKENS } from './limits.ts';
import {
  boundedText,
  finishReason,
  isBase64,
  logprob,
  modelName,
  sampling,
  tokenText,
  topLogprobs,
  usage,
} from './shared.ts';

/*
 * Chat as OpenAI's API has it and vLLM, llama.cpp, TGI and others answer it. Requests are strict: a member that a miner does not know can't change
 * an answer silently. Answers drop what is not named here.
 */

/** Images come in the request: a URL to fetch would let a validator point its miners at any host. */
const dataUrl = z
  .string()
  .max(MAX_IMAGE_BASE64_BYTES + 64)
  .regex(/^data:image\/(png|jpeg|webp);base64,/, 'a data URL of a PNG, JPEG or WebP image')
  .refine((url) => isBase64(afterComma(url)), 'is not base64');

const part = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('text'), text: boundedText }),
  z.strictObject({ type: z.literal('image_url'), image_url: z.strictObject({ url: dataUrl }) }),
]);

export const chatRequest = z.strictObject({
  model: modelName,
  messages: z
    .array(
      z.strictObject({
        role: z.enum(['system', 'user', 'assistant']),
        content: z.union([boundedText, z.array(part).min(1).max(16)]),
      }),
    )
    .min(1)
    .max(MAX_MESSAGES),
  ...sampling,
  logprobs: z.boolean().optional(),
  top_logprobs: topLogprobs.optional(),
});
export type ChatRequest = z.output<typeof chatRequest>;

const alternative = z.object({ token: tokenText, logprob });

/** Log probability of one token, and of those that could have stood there. */
export const chatLogprob = alternative.extend({ top_logprobs: z.array(alternative).max(20).default([]) });
export type ChatLogprob = z.output<typeof chatLogprob>;

const chatLogprobs = z
  .object({ content: z.array(chatLogprob).max(MAX_TOKENS).nullable().default(null) })
  .nullable()
  .optional();

/** What an answer's choice and an event's have alike. */
const choice = { index: z.int().min(0), logprobs: chatLogprobs };

export const chatAnswer = z.object({
  id: z.string().max(200),
  model: modelName,
  choices: z
    .array(
      z.object({
        ...choice,
        message: z.object({ role: z.literal('assistant'), content: boundedText.nullable() }),
        finish_reason: finishReason,
      }),
    )
    .min(1)
    .max(1),
  usage: usage.optional(),
});
export type ChatAnswer = z.output<typeof chatAnswer>;

/** One event of a streamed chat; the last may hold only usage. */
export const chatChunk = z.object({
  id: z.string().max(200),
  model: modelName,
  choices: z
    .array(
      z.object({
        ...choice,
        delta: z.object({ content: boundedText.nullable().optional() }),
        finish_reason: finishReason.optional(),
      }),
    )
    .max(1),
  usage: usage.nullable().optional(),
});
export type ChatChunk = z.output<typeof chatChunk>;

/** All the text of a request, in its order. */
export function chatTexts({ messages }: ChatRequest): string[] {
  return messages.flatMap(({ content }) =>
    typeof content === 'string' ? [content] : content.flatMap((item) => (item.type === 'text' ? [item.text] : [])),
  );
}

/** The base64 text of a request's images, in its order. */
export function chatImages({ messages }: ChatRequest): string[] {
  return messages.flatMap(({ content }) =>
    typeof content === 'string'
      ? []
      : content.flatMap((item) => (item.type === 'image_url' ? [afterComma(item.image_url.url)] : [])),
  );
}

function afterComma(url: string): string {
  return url.slice(url.indexOf(',') + 1);
}
