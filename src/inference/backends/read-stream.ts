import { InvalidInputError } from '../../core/errors.ts';
import type { ChatChunk } from '../wire/chat.ts';
import type { CompletionChunk } from '../wire/completion.ts';
import type { TaskAnswer } from '../wire/request.ts';
import { createSseParser } from '../wire/sse.ts';
import { chatChunkOf, completionChunkOf, joinChat, joinCompletion } from '../wire/streamed-answer.ts';
import type { AnswerChunk } from './backend.ts';
import { saidError } from './refusal.ts';

/** Reads one streamed answer. Both throw InvalidInputError for a stream that is none of the API's. */
export interface StreamReader {
  /** The events that a piece of the stream completes. */
  push: (bytes: Uint8Array) => AnswerChunk[];
  /** The whole answer, once the stream has ended. */
  finish: () => TaskAnswer;
}

/** @param model the name that the answer bears, whatever the engine calls it: a local engine may state the path of a file */
export function createStreamReader(api: 'chat' | 'completion', model: string): StreamReader {
  const format =
    api === 'chat'
      ? reading(
          chatChunkOf,
          (body: ChatChunk): AnswerChunk => ({ api, body }),
          (chunks) => ({ api, body: joinChat(chunks) }),
        )
      : reading(
          completionChunkOf,
          (body: CompletionChunk): AnswerChunk => ({ api, body }),
          (chunks) => ({ api, body: joinCompletion(chunks) }),
        );
  return format(model);
}

function reading<Chunk extends ChatChunk | CompletionChunk>(
  chunkOf: (data: string) => Chunk | null,
  outward: (chunk: Chunk) => AnswerChunk,
  join: (chunks: readonly Chunk[]) => TaskAnswer,
): (model: string) => StreamReader {
  return (model) => {
    const parser = createSseParser();
    const chunks: Chunk[] = [];
    let isDone = false;

    const read = (data: string): AnswerChunk[] => {
      if (isDone) return [];
      const said = saidError(data);
      if (said !== null) throw new InvalidInputError(`the stream broke off: ${said}`);
      const read = chunkOf(data);
      if (read === null) {
        isDone = true;
        return [];
      }
      const chunk = { ...read, model };
      chunks.push(chunk);
      return [outward(chunk)];
    };

    return {
      push: (bytes) => parser.push(bytes).flatMap(({ data }) => read(data)),
      finish: () => {
        // Some engines state why they ended, and send no mark of the end.
        const isEnded = isDone || chunks.some(({ choices }) => choices.some((choice) => choice.finish_reason != null));
        if (!isEnded) throw new InvalidInputError('the stream broke off before its end');
        return join(chunks);
      },
    };
  };
}
