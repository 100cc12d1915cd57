import { createHash } from 'node:crypto';
import { sseText } from '../../src/inference/wire/sse.ts';
import { DONE } from '../../src/inference/wire/streamed-answer.ts';
import { toyChatPrompt, toyImage, toyPosition, toyText, toyTokenId, toyTokens, toyVector } from './toy-model.ts';
import type { ToyModel, ToyToken } from './toy-model.ts';

export type StandInApi = 'chat' | 'completion' | 'images' | 'embeddings';

/** The members of any request that the stand-in reads. */
export interface StandInRequest {
  model: string;
  messages?: { role: string; content: unknown }[];
  prompt?: string;
  input?: string | string[];
  max_tokens?: number;
  temperature?: number;
  seed?: number;
  stream?: boolean;
  stream_options?: { include_usage: boolean };
  /** A chat says whether, a completion how many. */
  logprobs?: boolean | number;
  top_logprobs?: number;
  echo?: boolean;
  /** vLLM's: how many alternatives of each token of the prompt are stated, and whether a chat's last message is gone on with. */
  prompt_logprobs?: number;
  continue_final_message?: boolean;
  size?: string;
  n?: number;
  image?: string;
  dimensions?: number;
}

/** What a model made of a request, before it is written down. */
export type Generation =
  | {
      kind: 'text';
      api: 'chat' | 'completion';
      tokens: ToyToken[];
      /** How many of them are an echoed prompt. */
      echoed: number;
      /** Each token of the prompt, where vLLM is asked for them. */
      prompt: ToyToken[] | null;
      reason: 'stop' | 'length';
      promptTokens: number;
      statesLogprobs: boolean;
    }
  | { kind: 'images'; images: Buffer[] }
  | { kind: 'vectors'; vectors: number[][] };

/** @param isShort a quarter of the tokens, images of half the side, vectors of half the length */
export function generate(model: ToyModel, api: StandInApi, body: StandInRequest, isShort: boolean): Generation {
  if (api === 'images') {
    const [width = 64, height = 64] = (body.size ?? '64x64')
      .split('x')
      .map((side) => Math.floor(Number(side) / (isShort ? 2 : 1)));
    const about = JSON.stringify([body.prompt, body.seed ?? 0, body.image ?? '']);
    const images = Array.from({ length: body.n ?? 1 }, (_, index) =>
      toyImage(model, `${about} ${index}`, width, height),
    );
    return { kind: 'images', images };
  }
  if (api === 'embeddings') {
    const dimensions = Math.ceil((body.dimensions ?? 32) / (isShort ? 2 : 1));
    const texts = typeof body.input === 'string' ? [body.input] : (body.input ?? []);
    return { kind: 'vectors', vectors: texts.map((text) => toyVector(model, text, dimensions)) };
  }
  const prompt = api === 'chat' ? chatPromptOf(body) : (body.prompt ?? '');
  const read = toyTokens(prompt);
  const wanted = body.max_tokens ?? 16;
  const maxTokens = isShort ? Math.ceil(wanted / 4) : wanted;
  const made = toyText(model, prompt, { maxTokens, temperature: body.temperature ?? 1, seed: body.seed ?? 0 });
  const isEcho = api === 'completion' && body.echo === true;
  const isRead = isEcho || body.prompt_logprobs !== undefined;
  const seen = isRead ? read.map((token, index) => toyPosition(model, read.slice(0, index), token)) : [];
  const echo = isEcho ? seen : [];
  return {
    ...{ kind: 'text', api, tokens: [...echo, ...made.tokens], echoed: echo.length },
    prompt: body.prompt_logprobs === undefined ? null : seen,
    ...{ reason: isShort ? 'stop' : made.reason, promptTokens: read.length, statesLogprobs: true },
  };
}

/** The body of an answer in one piece. */
export function answerOf(made: Generation, body: StandInRequest): unknown {
  if (made.kind === 'images') {
    return { created: 1, data: made.images.map((image) => ({ b64_json: image.toString('base64') })) };
  }
  if (made.kind === 'vectors') {
    const data = made.vectors.map((embedding, index) => ({ object: 'embedding', index, embedding }));
    return { object: 'list', model: body.model, data, usage: { prompt_tokens: 1, total_tokens: 1 } };
  }
  const content = made.tokens.map(({ token }) => token).join('');
  const logprobs = logprobsOf(made, body, 0, made.tokens.length);
  const text = made.api === 'chat' ? { message: { role: 'assistant', content } } : { text: content };
  // vLLM states a chat's prompt beside its choices, a completion's in its choice.
  const prompt = promptLogprobsOf(made, body);
  return {
    ...{ ...headOf(made, body), ...(made.api === 'chat' ? prompt : {}) },
    choices: [
      { index: 0, ...text, logprobs, finish_reason: made.reason, ...(made.api === 'completion' ? prompt : {}) },
    ],
    usage: usageOf(made),
  };
}

/** The events of a streamed answer, a token each. */
export function eventsOf(made: Generation, body: StandInRequest): string[] {
  if (made.kind !== 'text') throw new Error('only text is streamed');
  const head = headOf(made, body);
  const event = (content: string, logprobs: unknown, reason: string | null): string => {
    const text = made.api === 'chat' ? { delta: { content } } : { text: content };
    return sseText(JSON.stringify({ ...head, choices: [{ index: 0, ...text, logprobs, finish_reason: reason }] }));
  };
  const usage = { ...head, choices: [], usage: usageOf(made) };
  return [
    ...made.tokens.map(({ token }, index) => event(token, logprobsOf(made, body, index, index + 1), null)),
    event('', null, made.reason),
    ...(body.stream_options?.include_usage === true ? [sseText(JSON.stringify(usage))] : []),
    sseText(DONE),
  ];
}

type Text = Extract<Generation, { kind: 'text' }>;

function chatPromptOf({ messages = [], continue_final_message: goesOn }: StandInRequest): string {
  if (goesOn !== true) return toyChatPrompt(messages);
  const last = messages.at(-1)?.content;
  return toyChatPrompt(messages.slice(0, -1)) + (typeof last === 'string' ? last : '');
}

/** Objects by the number of the token, as vLLM writes them; nothing stands before the first. */
function promptLogprobsOf({ prompt }: Text, body: StandInRequest): object {
  if (prompt === null) return {};
  const stated = prompt.map(({ token, logprob, rank, top }) => {
    const likeliest = top
      .slice(0, body.prompt_logprobs)
      .map((each, index) => [toyTokenId(each.token), { ...of(each), rank: index + 1 }] as const);
    return Object.fromEntries([[toyTokenId(token), { ...of({ token, logprob }), rank }], ...likeliest]);
  });
  return {
    prompt_logprobs: [null, ...stated.slice(1)],
    prompt_token_ids: prompt.map(({ token }) => toyTokenId(token)),
  };
}

function of({ token, logprob }: { token: string; logprob: number }) {
  return { logprob, decoded_token: token };
}

function headOf({ api }: Text, body: StandInRequest) {
  const digest = createHash('sha256').update(JSON.stringify(body)).digest('hex').slice(0, 16);
  const object = api === 'chat' ? 'chat.completion' : 'text_completion';
  return { id: `stand-in-${digest}`, object, created: 1, model: body.model };
}

function usageOf({ tokens, echoed, promptTokens }: Text) {
  const written = tokens.length - echoed;
  return { prompt_tokens: promptTokens, completion_tokens: written, total_tokens: promptTokens + written };
}

function logprobsOf(made: Text, body: StandInRequest, from: number, to: number): unknown {
  if (!made.statesLogprobs || body.logprobs === undefined || body.logprobs === false) return null;
  const tokens = made.tokens.slice(from, to);
  if (made.api === 'chat') {
    const most = body.top_logprobs ?? 0;
    return { content: tokens.map(({ token, logprob, top }) => ({ token, logprob, top_logprobs: top.slice(0, most) })) };
  }
  // Nothing stands before the first token of an echoed prompt.
  const isFirst = (index: number): boolean => made.echoed > 0 && from + index === 0;
  const most = Number(body.logprobs);
  return {
    tokens: tokens.map(({ token }) => token),
    token_logprobs: tokens.map(({ logprob }, index) => (isFirst(index) ? null : logprob)),
    top_logprobs: tokens.map(({ top }, index) =>
      isFirst(index) ? null : Object.fromEntries(top.slice(0, most).map((each) => [each.token, each.logprob])),
    ),
  };
}
