import type { FetchRequest } from '../../net/guarded-fetch.ts';
import type { TaskAnswer, TaskRequest } from '../wire/request.ts';
import type { AnswerOptions, Backend } from './backend.ts';
import { createEngineClient } from './engine-client.ts';
import type { EngineOptions } from './engine-client.ts';
import { BackendUnsupported } from './errors.ts';
import { lacksLogprobs, readAnswer } from './read-answer.ts';
import { createStreamReader } from './read-stream.ts';

/** The base URL is with the API's version, as `http://127.0.0.1:8000/v1`. */
export interface OpenAiBackendOptions extends EngineOptions {
  /** What the engine calls the model. @default the name in the request */
  model?: string;
  /** Sent as a bearer token. @default none */
  apiKey?: string;
}

/**
 * Any engine that speaks OpenAI's API: vLLM, llama.cpp's server, TGI, LocalAI and their like. Throws InvalidInputError for a base URL that is none.
 */
export function createOpenAiBackend(options: OpenAiBackendOptions): Backend {
  const engine = createEngineClient(options);
  const secret = options.apiKey === undefined ? {} : { authorization: `Bearer ${options.apiKey}` };

  async function post(request: TaskRequest, call: AnswerOptions, more: FetchRequest) {
    const body = { ...request.body, model: options.model ?? request.body.model };
    return await engine.ask(PATHS[request.api], call, {
      body: JSON.stringify(body),
      ...more,
      headers: { 'content-type': 'application/json', ...secret, ...more.headers },
    });
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
        throw engine.failure(error, call);
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
