import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import type { AnswerChunk, AnswerOptions, Backend } from '../backends/backend.ts';
import type { ServerBackend } from '../server/backend.ts';
import type { Task } from '../tasks/task.ts';
import type { ChatChunk } from '../wire/chat.ts';
import type { CompletionChunk } from '../wire/completion.ts';
import type { TaskAnswer, TaskRequest } from '../wire/request.ts';

/** Has a request of a task answered by the task's backend. */
type Answer = (task: Task, request: TaskRequest, options: AnswerOptions) => ReturnType<Backend['answer']>;

/** What a server is answered by, whichever backend a task has. */
export function serverBackend(answer: Answer): ServerBackend {
  return {
    answer: async (task, request, signal): Promise<TaskAnswer> =>
      await answer(task, request, { timeoutMs: task.timeout_ms, signal }),
    stream: (task, request, signal) =>
      chunksOf(signal, (options) => answer(task, request, { timeoutMs: task.timeout_ms, ...options })),
  };
}

/** The chunks of an answer as they come. Whoever stops taking them stops the answer. */
async function* chunksOf(
  signal: AbortSignal,
  begin: (options: Required<Pick<AnswerOptions, 'signal' | 'onChunk'>>) => Promise<unknown>,
): AsyncGenerator<ChatChunk | CompletionChunk> {
  const left = new AbortController();
  const both = AbortSignal.any([signal, left.signal]);
  const pipe = new PassThrough({ objectMode: true });
  const onChunk = async ({ body }: AnswerChunk): Promise<void> => {
    if (!pipe.write(body)) await once(pipe, 'drain', { signal: both });
  };
  void begin({ signal: both, onChunk }).then(
    () => pipe.end(),
    (error: unknown) => pipe.destroy(error as Error),
  );
  try {
    yield* pipe as AsyncIterable<ChatChunk | CompletionChunk>;
  } finally {
    left.abort(new Error('nobody takes the answer any more'));
    pipe.destroy();
  }
}
