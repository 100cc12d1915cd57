import { z } from 'zod';
import { InvalidInputError } from '../../core/errors.ts';
import { backendError } from '../backends/engine-client.ts';
import { readJsonAs } from '../backends/read-json.ts';
import { chatLogprob } from '../wire/chat.ts';
import { listedLogprobs } from '../wire/completion.ts';
import { MAX_TOP_LOGPROBS } from '../wire/limits.ts';
import { logprob, tokenText } from '../wire/shared.ts';
import { answerPositions, endOf, ratedTokens } from './place-answer.ts';
import type { ReadPosition } from './place-answer.ts';
import type { Prefill, PrefilledAnswer, RatedToken, TextRequest } from './prefill.ts';
import { DEFAULT_END_TOKENS, MAX_PREFILL_BYTES } from './prefill-options.ts';
import type { PrefillOptions } from './prefill-options.ts';

/*
 * vLLM's API, beyond OpenAI's: `prompt_logprobs` states the probabilities of the prompt's own tokens, with their ranks; a chat goes on with its last message by
 * `continue_final_message`; `return_token_ids` gives the prompt's tokens in order, since the keys of a JSON object have none. A chat states them beside its choices, a
 * completion in its choice. Source: vLLM's documentation of its OpenAI-compatible server (protocol of chat and completion).
 */

const position = z.record(
  z.string().regex(/^\d{1,12}$/),
  z.object({ logprob, rank: z.int().min(1).nullish(), decoded_token: tokenText.nullish() }),
);
const readPrompt = z.object({
  prompt_logprobs: z.array(position.nullable()),
  prompt_token_ids: z.array(z.int().min(0)),
});
const finish_reason = z.string().nullish();
const chatBody = readPrompt.extend({
  choices: z
    .array(z.object({ finish_reason, logprobs: z.object({ content: z.array(chatLogprob).nullish() }).nullish() }))
    .min(1),
});
const completionBody = z.object({
  choices: z.array(readPrompt.extend({ finish_reason, logprobs: listedLogprobs.nullish() })).min(1),
});

/** Prefill by an engine that speaks vLLM's API. */
export function createVllmPrefill(options: PrefillOptions): Prefill {
  const { engine, model, timeoutMs, endTokens = DEFAULT_END_TOKENS } = options;
  return async (request, answer, signal) => {
    try {
      const [path, body] = bodyOf(request, answer, model ?? request.body.model);
      const { body: bytes } = await engine.post(path, body, {
        headers: { accept: 'application/json' },
        maxBodyBytes: MAX_PREFILL_BYTES,
        ...{ timeoutMs, ...(signal === undefined ? {} : { signal }) },
      });
      return read(request.api, bytes, answer, endTokens);
    } catch (error) {
      if (signal?.aborted === true) throw signal.reason;
      throw backendError(engine.name, error);
    }
  };
}

function bodyOf(request: TextRequest, answer: string, model: string): [path: string, body: unknown] {
  const asked = { model, max_tokens: 1, temperature: 0, prompt_logprobs: MAX_TOP_LOGPROBS, return_token_ids: true };
  if (request.api === 'completion') {
    return ['/completions', { ...asked, prompt: request.body.prompt + answer, logprobs: MAX_TOP_LOGPROBS }];
  }
  const messages = [...request.body.messages, { role: 'assistant', content: answer }];
  const going = { add_generation_prompt: false, continue_final_message: true };
  return ['/chat/completions', { ...asked, ...going, messages, logprobs: true, top_logprobs: MAX_TOP_LOGPROBS }];
}

function read(api: TextRequest['api'], bytes: Uint8Array, answer: string, ends: readonly string[]): PrefilledAnswer {
  const { prompt, next } = api === 'chat' ? readChat(bytes) : readCompletion(bytes);
  const { prompt_token_ids: ids, prompt_logprobs: stated } = prompt;
  if (ids.length !== stated.length) throw new InvalidInputError('it states other positions than the prompt has');
  const positions = ids.map((id, index) => positionOf(id, stated[index] ?? null));
  const tokens = answerPositions(positions, answer, ends);
  if (tokens === null) throw new InvalidInputError('the tokens that it read do not end with the answer');
  return { tokens, end_logprob: endOf(next, ends) };
}

interface ReadPrompt {
  prompt: z.output<typeof readPrompt>;
  /** The likeliest tokens after it. */
  next: RatedToken[];
}

function readChat(bytes: Uint8Array): ReadPrompt {
  const prompt = readJsonAs(chatBody, bytes);
  const [next] = prompt.choices[0]?.logprobs?.content ?? [];
  return { prompt, next: (next?.top_logprobs ?? []).map((top) => ({ text: top.token, logprob: top.logprob })) };
}

function readCompletion(bytes: Uint8Array): ReadPrompt {
  const [prompt] = readJsonAs(completionBody, bytes).choices;
  if (prompt === undefined) throw new InvalidInputError('it has no choice');
  return { prompt, next: ratedTokens(prompt.logprobs?.top_logprobs?.[0] ?? {}) };
}

/** The token that stands there is always among those stated, in front of or behind the likeliest. */
function positionOf(id: number, stated: z.output<typeof position> | null): ReadPosition {
  if (stated === null) return { text: '', logprob: null, rank: null, top: [] };
  const own = stated[String(id)];
  if (own === undefined) throw new InvalidInputError('it states no probability of a token that it read');
  const top = Object.values(stated)
    .map((each) => ({ text: each.decoded_token ?? '', logprob: each.logprob }))
    .sort((a, b) => b.logprob - a.logprob)
    .slice(0, MAX_TOP_LOGPROBS);
  return { text: own.decoded_token ?? '', logprob: own.logprob, rank: own.rank ?? null, top };
}
