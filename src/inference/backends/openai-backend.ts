import type { FetchRequest } from '../../net/guarded-fetch.ts';
import { MAX_IMAGE_BASE64_BYTES, MAX_IMAGES } from '../wire/limits.ts';
import type { TaskAnswer, TaskRequest } from '../wire/request.ts';
import type { AnswerOptions, Backend } from './backend.ts';
import { backendError, createEngineClient } from './engine-client.ts';
import type { EngineClientOptions } from './engine-client.ts';
import { BackendUnsupported } from './errors.ts';
import { lacksLogprobs, readAnswer } from './read-answer.ts';
import { createStreamReader } from './read-stream.ts';

export interface OpenAiBackendOptions extends EngineClientOptions {
  /** What the engine calls the model. @default the name in the request */
  model?: string;
}

/**
 * Any engine that speaks OpenAI's API: vLLM, llama.cpp's server, TGI, LocalAI and their like. Throws InvalidInputError for a base URL that is none.
 */
export function createOpenAiBackend({ model, ...options }: OpenAiBackendOptions): Backend {
  const engine = createEngineClient(options);

  async function post(request: TaskRequest, { timeoutMs, signal }: AnswerOptions, more: FetchRequest) {
    return engine.post(
      PATHS[request.api],
      { ...request.body, model: model ?? request.body.model },
      { timeoutMs, maxBodyBytes: MAX_ANSWER_BYTES, ...(signal === undefined ? {} : { signal }), ...more },
    );
  }

  async function streamed(request: TaskRequest, api: 'chat' | 'completion', call: AnswerOptions) {
    const reader = createStreamReader(api, request.body.model);
    await post(request, call, {
      headers: { accept: 'text/event-stream' },
      accepts: ['text/event-stream'],
      sink: async (bytes) => {
        for (const chunk of reader.push(bytes)) await handOn(chunk, call.onChunk);
      },
    });
    return reader.finish();
  }

  async function ask(request: TaskRequest, call: AnswerOptions): Promise<TaskAnswer> {
    if ((request.api === 'chat' || request.api === 'completion') && request.body.stream === true) {
      return streamed(request, request.api, call);
    }
    const page = await post(request, call, { headers: { accept: 'application/json' } });
    return readAnswer(request, page.body);
  }

  return {
    answer: async (request, call) => {
      const answer = await ask(request, call).catch((error: unknown) => {
        if (error instanceof TakerFailed) throw error.cause;
        if (call.signal?.aborted === true) throw call.signal.reason;
        throw backendError(engine.name, error);
      });
      if (lacksLogprobs(request, answer)) throw new BackendUnsupported(engine.name, 'it states no log probabilities');
      return answer;
    },
    close: () => engine.close(),
  };
}

/** What whoever takes the stream threw, which is no fault of the engine. */
class TakerFailed extends Error {}

async function handOn<T>(chunk: T, take: ((chunk: T) => void | Promise<void>) | undefined): Promise<void> {
  try {
    await take?.(chunk);
  } catch (error) {
    throw new TakerFailed('the stream was not taken', { cause: error });
  }
}

const PATHS: Readonly<Record<TaskRequest['api'], string>> = {
  chat: '/chat/completions',
  completion: '/completions',
  images: '/images/generations',
  embeddings: '/embeddings',
};
/** As many images as a request may ask for, and what is around them; texts and vectors are smaller. */
const MAX_ANSWER_BYTES = MAX_IMAGES * MAX_IMAGE_BASE64_BYTES + 65_536;
