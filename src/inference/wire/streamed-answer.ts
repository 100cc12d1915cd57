import type { z } from 'zod';
import { InvalidInputError, messageOf } from '../../core/errors.ts';
import { chatAnswer, chatChunk } from './chat.ts';
import type { ChatAnswer, ChatChunk } from './chat.ts';
import { completionAnswer, completionChunk } from './completion.ts';
import type { CompletionAnswer, CompletionChunk } from './completion.ts';

/** What ends a stream of OpenAI's API. */
export const DONE = '[DONE]';

/** One event of a streamed chat; null at its end. Throws InvalidInputError for anything else, such as an error in mid-stream. */
export function chatChunkOf(data: string): ChatChunk | null {
  return chunkOf(data, chatChunk);
}

/** One event of a streamed completion; null at its end. Throws as `chatChunkOf` does. */
export function completionChunkOf(data: string): CompletionChunk | null {
  return chunkOf(data, completionChunk);
}

/** The whole answer that a streamed chat comes to. Throws InvalidInputError where there is none, or where it is longer than an answer may be. */
export function joinChat(chunks: readonly ChatChunk[]): ChatAnswer {
  const choices = chunks.flatMap((chunk) => chunk.choices);
  const logprobs = choices.flatMap((choice) => choice.logprobs?.content ?? []);
  return whole(chatAnswer, {
    ...headOf(chunks),
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content: choices.map(({ delta }) => delta.content ?? '').join('') },
        finish_reason: reasonOf(choices),
        ...(logprobs.length > 0 ? { logprobs: { content: logprobs } } : {}),
      },
    ],
  });
}

/** The whole answer that a streamed completion comes to. Throws as `joinChat` does. */
export function joinCompletion(chunks: readonly CompletionChunk[]): CompletionAnswer {
  const choices = chunks.flatMap((chunk) => chunk.choices);
  const parts = choices.flatMap(({ logprobs }) => logprobs ?? []);
  const logprobs = {
    tokens: parts.flatMap(({ tokens }) => tokens),
    token_logprobs: parts.flatMap((part) => part.token_logprobs),
    top_logprobs: parts.flatMap((part) => part.top_logprobs ?? part.tokens.map(() => null)),
  };
  return whole(completionAnswer, {
    ...headOf(chunks),
    choices: [
      {
        ...{ index: 0, text: choices.map(({ text }) => text).join(''), finish_reason: reasonOf(choices) },
        ...(parts.length > 0 ? { logprobs } : {}),
      },
    ],
  });
}

function chunkOf<Schema extends z.ZodType>(data: string, schema: Schema): z.output<Schema> | null {
  if (data === DONE) return null;
  let json: unknown;
  try {
    json = JSON.parse(data);
  } catch (error) {
    throw new InvalidInputError(`an event of the stream is not JSON: ${messageOf(error)}`);
  }
  return whole(schema, json);
}

function whole<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new InvalidInputError(`the answer is none that the API has: ${issue?.path.join('.')}: ${issue?.message}`);
}

function headOf(chunks: readonly (ChatChunk | CompletionChunk)[]) {
  const first = chunks[0];
  if (first === undefined) throw new InvalidInputError('the stream ended before it began');
  const usage = chunks.findLast((chunk) => chunk.usage != null)?.usage;
  return { id: first.id, model: first.model, ...(usage == null ? {} : { usage }) };
}

function reasonOf(choices: readonly { finish_reason?: string | null | undefined }[]): string | null {
  return choices.findLast((choice) => choice.finish_reason != null)?.finish_reason ?? null;
}
