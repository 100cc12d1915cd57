import { InvalidInputError, messageOf, SeineError } from '../../core/errors.ts';
import { createGuardedFetch } from '../../net/guarded-fetch.ts';
import type { FetchedPage, FetchRequest, NetworkOptions } from '../../net/guarded-fetch.ts';
import { MAX_IMAGE_BASE64_BYTES, MAX_IMAGES } from '../wire/limits.ts';
import type { TaskAnswer, TaskRequest } from '../wire/request.ts';
import type { AnswerOptions, Backend } from './backend.ts';
import { BackendFailed, BackendUnsupported } from './errors.ts';
import { lacksLogprobs, readAnswer } from './read-answer.ts';
import { createStreamReader } from './read-stream.ts';
import { refusalOf } from './refusal.ts';

export interface OpenAiBackendOptions {
  /** With its version, as `http://127.0.0.1:8000/v1`. It may lead to a private address since the operator has named it. */
  baseUrl: string;
  /** What the engine calls the model. @default the name in the request */
  model?: string;
  /** Sent as a bearer token. @default none */
  apiKey?: string;
  network: NetworkOptions;
  /** Requests at a time; more wait. @default 8 */
  connections?: number;
}

/**
 * Any engine that speaks OpenAI's API: vLLM, llama.cpp's server, TGI, LocalAI and their like. Throws InvalidInputError for a base URL that is none.
 */
export function createOpenAiBackend(options: OpenAiBackendOptions): Backend {
  const base = baseOf(options.baseUrl);
  const name = base.host;
  const client = createGuardedFetch({
    ...options.network,
    allowPrivate: [base.host],
    connections: options.connections ?? 8,
    // An engine sends headers once the answer is made: the time for the whole is the only bound.
    phases: { headersMs: MAX_ANSWER_MS, idleMs: MAX_ANSWER_MS },
  });
  const secret = options.apiKey === undefined ? {} : { authorization: `Bearer ${options.apiKey}` };

  async function post(request: TaskRequest, { timeoutMs, signal }: AnswerOptions, more: FetchRequest) {
    const body = { ...request.body, model: options.model ?? request.body.model };
    const page = await client(`${base.href}${PATHS[request.api]}`, {
      body: JSON.stringify(body),
      timeoutMs: Math.min(timeoutMs, MAX_ANSWER_MS),
      maxBodyBytes: MAX_ANSWER_BYTES,
      ...(signal === undefined ? {} : { signal }),
      ...more,
      headers: { 'content-type': 'application/json', ...secret, ...more.headers },
    });
    if (page.status !== 200) throw refusalOf(name, page.status, page.headers, textOf(page));
    return page;
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
        throw backendError(name, error);
      });
      if (lacksLogprobs(request, answer)) throw new BackendUnsupported(name, 'it states no log probabilities');
      return answer;
    },
    close: () => client.close(),
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

function backendError(name: string, error: unknown): unknown {
  if (!(error instanceof SeineError) || error.name.startsWith('Backend')) return error;
  return new BackendFailed(name, error instanceof InvalidInputError ? messageOf(error) : error.name, error);
}

function baseOf(baseUrl: string): { host: string; href: string } {
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : null;
  const isBase = url !== null && /^https?:$/.test(url.protocol) && `${url.username}${url.password}${url.search}` === '';
  if (!isBase) throw new InvalidInputError('the base URL of a backend is no http or https URL without user and query');
  return { host: url.host, href: `${url.origin}${url.pathname.replace(/\/+$/, '')}` };
}

function textOf({ body }: FetchedPage): string {
  return new TextDecoder().decode(body);
}

const PATHS: Readonly<Record<TaskRequest['api'], string>> = {
  chat: '/chat/completions',
  completion: '/completions',
  images: '/images/generations',
  embeddings: '/embeddings',
};
/** No task waits longer for an answer. */
const MAX_ANSWER_MS = 600_000;
/** As many images as a request may ask for, and what is around them; texts and vectors are smaller. */
const MAX_ANSWER_BYTES = MAX_IMAGES * MAX_IMAGE_BASE64_BYTES + 65_536;
