import type { Task } from '../tasks/task.ts';
import { embeddingTexts } from '../wire/embeddings.ts';
import { MAX_DIMENSIONS, MAX_IMAGE_BASE64_BYTES } from '../wire/limits.ts';
import type { TaskRequest } from '../wire/request.ts';

/** Members, usage and white space around an answer. */
const ENVELOPE_BYTES = 64 * 1024;
/** An event of a stream for one token: its text, twenty alternatives of some 100 bytes, and what is around them. */
const TOKEN_BYTES = 4096;
/** A number of a vector as engines print it. */
const NUMBER_BYTES = 24;

/** The most bytes that an answer to this request may have; what is longer is no answer. */
export function mostAnswerBytes({ limits }: Task, request: TaskRequest): number {
  switch (request.api) {
    case 'chat':
    case 'completion':
      return ENVELOPE_BYTES + (request.body.max_tokens ?? limits.tokens) * TOKEN_BYTES;
    case 'embeddings':
      return ENVELOPE_BYTES + embeddingTexts(request.body).length * MAX_DIMENSIONS * NUMBER_BYTES;
    case 'images':
      return ENVELOPE_BYTES + request.body.n * MAX_IMAGE_BASE64_BYTES;
  }
}
