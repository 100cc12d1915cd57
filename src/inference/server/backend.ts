import type { Task } from '../tasks/task.ts';
import type { ChatChunk } from '../wire/chat.ts';
import type { CompletionChunk } from '../wire/completion.ts';
import type { TaskAnswer, TaskRequest } from '../wire/request.ts';

/** What answers requests of a task. Both stop their work when the signal aborts. */
export interface ServerBackend {
  answer: (task: Task, request: TaskRequest, signal: AbortSignal) => Promise<TaskAnswer>;
  /** For requests of chat and completion with `stream`. */
  stream: (task: Task, request: TaskRequest, signal: AbortSignal) => AsyncIterable<ChatChunk | CompletionChunk>;
}

/** What a promise comes to, unless the signal aborts first: a backend that does not heed it must not hold its caller. */
export async function orAborted<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
  // A promise that loses may still fail later, with nobody there to hear it.
  promise.catch(() => undefined);
  signal.throwIfAborted();
  let stop: () => void = () => undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => {
      reject(signal.reason as Error);
    };
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
