import type { ChatChunk } from '../wire/chat.ts';
import type { CompletionChunk } from '../wire/completion.ts';
import type { TaskAnswer, TaskRequest } from '../wire/request.ts';

/** One event of a streamed answer. */
export type AnswerChunk = { api: 'chat'; body: ChatChunk } | { api: 'completion'; body: CompletionChunk };

export interface AnswerOptions {
  /** For the whole answer, its stream included. */
  timeoutMs: number;
  signal?: AbortSignal;
  /** Takes each event of a streamed answer in its order; the next waits for it. What it throws ends the answer. @default none */
  onChunk?: (chunk: AnswerChunk) => void | Promise<void>;
}

/**
 * What answers the requests for one model: an engine on this machine or elsewhere. A miner serves by one, and a validator checks by one.
 */
export interface Backend {
  /**
   * The whole answer, streamed or not, under the model's name in the request. Throws BackendBusy, BackendFailed or BackendUnsupported; the caller's
   * own abort with its reason, and what `onChunk` threw as it is.
   */
  answer: (request: TaskRequest, options: AnswerOptions) => Promise<TaskAnswer>;
  /** Ends what is in flight. */
  close: () => Promise<void>;
}
