import { z } from 'zod';
import { MAX_TEXT_BYTES, MAX_TOKENS, MAX_TOP_LOGPROBS } from './limits.ts';

/** A text within the wire's bound, without lone surrogates. */
export const boundedText = z
  .string()
  .max(MAX_TEXT_BYTES)
  .refine((text) => text.isWellFormed(), 'holds half a surrogate pair')
  .refine((text) => Buffer.byteLength(text) <= MAX_TEXT_BYTES, `is longer than ${MAX_TEXT_BYTES} bytes`);

export const modelName = z.string().min(1).max(200);

/** How the tokens of an answer are drawn; members that chat and completion share. */
export const sampling = {
  max_tokens: z.int().min(1).max(MAX_TOKENS).optional(),
  temperature: z.number().min(0).max(2).optional(),
  top_p: z.number().gt(0).max(1).optional(),
  seed: z.int().min(0).optional(),
  stop: z.union([z.string().min(1).max(64), z.array(z.string().min(1).max(64)).max(4)]).optional(),
  stream: z.boolean().optional(),
  stream_options: z.strictObject({ include_usage: z.boolean() }).optional(),
};

/** Engines name reasons of their own: any short word. */
export const finishReason = z.string().max(40).nullable();

/** What the engine says it counted; a claim (DESIGN.md, rule 7). */
export const usage = z.object({
  prompt_tokens: z.int().min(0),
  completion_tokens: z.int().min(0).default(0),
  total_tokens: z.int().min(0),
});

export const topLogprobs = z.int().min(0).max(MAX_TOP_LOGPROBS);

/** A finite natural logarithm of a probability; engines write -9999 for "never". */
export const logprob = z.number().max(0.001);

/** One token's text; byte tokens come as replacement characters with their bytes beside. */
export const tokenText = z.string().max(1024);

/** Standard base64 with its padding, as images come. */
export function isBase64(text: string): boolean {
  return text.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(text);
}
