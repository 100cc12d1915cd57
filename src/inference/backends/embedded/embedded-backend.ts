import { randomUUID } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { basename } from 'node:path';
import { messageOf, SeineError } from '../../../core/errors.ts';
import type { Prefill, TextRequest } from '../../checks/prefill.ts';
import { embeddingTexts } from '../../wire/embeddings.ts';
import type { TaskAnswer, TaskRequest } from '../../wire/request.ts';
import type { AnswerChunk, AnswerOptions, Backend } from '../backend.ts';
import { BackendFailed, BackendUnsupported } from '../errors.ts';
import { endChunk, tokenChunk, wholeAnswer } from './answer-parts.ts';
import { createEmbeddings } from './embeddings.ts';
import { writeTokens } from './generate.ts';
import type { LlamaSequence, TokenId } from './llama.ts';
import { endTokens } from './next-token.ts';
import { openModel } from './open-model.ts';
import { answerTokens, prefillAnswer } from './prefill-answer.ts';
import { createPrompts } from './prompt.ts';
import { createTurns } from './turns.ts';

export interface EmbeddedOptions {
  /** Where set-up put the engines (`stack/parts.ts`); undefined where it did not. */
  enginesFolder: string | undefined;
  /** A GGUF file on this machine. */
  modelFile: string;
  /** Tokens that a prompt and its answer may have together. @default what the model was trained for, at most 4096 */
  contextTokens?: number;
  /** Requests that are worked on at once. @default 2 */
  concurrency?: number;
  /** Requests that may wait. @default 64 */
  mostWaiting?: number;
  /** @default as many as the machine has cores */
  threads?: number;
  /** `auto` uses a GPU where a build for it was installed. @default false */
  gpu?: 'auto' | false;
}

/** An engine that runs in this process, from a local file: what answers, and what checks answers. */
export interface EmbeddedBackend extends Backend {
  prefill: Prefill;
}

/** Opens a model file with llama.cpp. Texts are drawn anew for each request without a seed. Throws EnginesMissing and BackendFailed. */
export async function openEmbeddedBackend(options: EmbeddedOptions): Promise<EmbeddedBackend> {
  const { concurrency: sequences = 2, threads = availableParallelism(), gpu = false } = options;
  const { enginesFolder, modelFile, contextTokens = DEFAULT_CONTEXT_TOKENS } = options;
  const name = basename(modelFile);
  const opened = await openModel({ enginesFolder, modelFile, contextTokens, sequences, threads, gpu });
  const { model, context } = opened;
  const ends = endTokens(model);
  const promptOf = createPrompts(name, model, opened.jinja);
  const room = Math.min(contextTokens, model.trainContextSize);
  const lent = Array.from({ length: sequences }, () => context.getSequence());
  const turns = createTurns<LlamaSequence>(name, lent, options.mostWaiting ?? DEFAULT_WAITING);
  const embeddings = createEmbeddings(name, model, { contextTokens: room, threads });
  const closing = new AbortController();

  /** Runs work with a sequence, and makes its errors those of a backend. */
  async function run<Value>(
    { timeoutMs, signal }: Pick<AnswerOptions, 'timeoutMs' | 'signal'>,
    work: (sequence: LlamaSequence, signal: AbortSignal) => Promise<Value>,
  ): Promise<Value> {
    const callers = signal === undefined ? [] : [signal];
    const any = AbortSignal.any([...callers, AbortSignal.timeout(timeoutMs), closing.signal]);
    try {
      return await turns.use(any, (sequence) => work(sequence, any));
    } catch (error) {
      if (error instanceof TakerFailed) throw error.cause;
      if (signal?.aborted === true) throw signal.reason;
      if (any.aborted)
        throw new BackendFailed(name, closing.signal.aborted ? 'it was closed' : 'it took too long', error);
      throw error instanceof SeineError ? error : new BackendFailed(name, messageOf(error), error);
    }
  }

  function roomFor(prompt: readonly TokenId[], more: number): number {
    const left = room - prompt.length;
    if (left < more) {
      throw new BackendUnsupported(name, `it has room for ${room} tokens, and these are ${prompt.length + more}`);
    }
    return left;
  }

  async function write(request: TextRequest, call: AnswerOptions, sequence: LlamaSequence, signal: AbortSignal) {
    const { api, body } = request;
    const asked = request.api === 'chat' ? ratedOfChat(request.body) : ratedOfCompletion(name, request.body);
    const prompt = promptOf(request);
    const left = roomFor(prompt, 1);
    const head = { id: `seine-${randomUUID()}`, model: body.model };
    const chunks: AnswerChunk[] = [];
    const hand = async (chunk: AnswerChunk): Promise<void> => {
      chunks.push(chunk);
      if (body.stream === true) await handOn(chunk, call.onChunk);
    };
    const sampling = {
      ...{ temperature: body.temperature ?? 1, top_p: body.top_p ?? 1 },
      seed: body.seed === undefined ? randomUUID() : String(body.seed),
    };
    const stop = body.stop === undefined ? [] : [body.stop].flat();
    const maxTokens = Math.min(body.max_tokens ?? left, left);
    if (maxTokens < 1) throw new BackendUnsupported(name, 'it writes at least one token');
    const writing = writeTokens({ model, sequence, prompt, ends, sampling, maxTokens, stop, top: asked.top, signal });
    let next = await writing.next();
    for (; next.done !== true; next = await writing.next())
      await hand(tokenChunk(api, head, next.value, asked.isRated));
    await hand(endChunk(api, head, { reason: next.value, promptTokens: prompt.length, tokens: chunks.length }));
    return wholeAnswer(api, chunks);
  }

  const answer = async (request: TaskRequest, call: AnswerOptions): Promise<TaskAnswer> => {
    if (request.api === 'images') throw new BackendUnsupported(name, 'it makes no images');
    return await run(call, async (sequence, signal) => {
      if (request.api === 'embeddings')
        return await embeddings.answer(request.body, embeddingTexts(request.body), signal);
      return await write(request, call, sequence, signal);
    });
  };

  return {
    answer,
    prefill: (request, text, signal) =>
      run({ timeoutMs: MAX_PREFILL_MS, ...(signal === undefined ? {} : { signal }) }, async (sequence, any) => {
        const prompt = promptOf(request);
        const tokens = answerTokens(model, prompt, text);
        roomFor(prompt, tokens.length);
        return await prefillAnswer({ model, sequence, prompt, tokens, ends, signal: any });
      }),
    async close() {
      closing.abort();
      await turns.idle();
      await embeddings.close();
      await opened.close();
    },
  };
}

/** What whoever takes the stream threw, which is no fault of the engine. */
class TakerFailed extends Error {}

async function handOn(chunk: AnswerChunk, take: AnswerOptions['onChunk']): Promise<void> {
  try {
    await take?.(chunk);
  } catch (error) {
    throw new TakerFailed('the stream was not taken', { cause: error });
  }
}

interface Rated {
  isRated: boolean;
  /** Alternatives of each token. */
  top: number;
}

function ratedOfChat(body: Extract<TextRequest, { api: 'chat' }>['body']): Rated {
  return { isRated: body.logprobs === true, top: body.logprobs === true ? (body.top_logprobs ?? 0) : 0 };
}

function ratedOfCompletion(name: string, body: Extract<TextRequest, { api: 'completion' }>['body']): Rated {
  if (body.echo === true) throw new BackendUnsupported(name, 'it does not repeat the prompt');
  return { isRated: body.logprobs !== undefined, top: body.logprobs ?? 0 };
}

/** Room for the texts of any preset's task; more takes memory for each sequence. */
const DEFAULT_CONTEXT_TOKENS = 4096;
const DEFAULT_WAITING = 64;
/** Reading is far quicker than writing, which no task allows longer. */
const MAX_PREFILL_MS = 600_000;
