import { z } from 'zod';
import { InvalidInputError } from '../../core/errors.ts';
import { backendError } from '../backends/engine-client.ts';
import { BackendUnsupported } from '../backends/errors.ts';
import { readJsonAs } from '../backends/read-json.ts';
import { chatTexts } from '../wire/chat.ts';
import { listedLogprobs } from '../wire/completion.ts';
import { MAX_TOP_LOGPROBS } from '../wire/limits.ts';
import { answerPositions, endOf, ratedTokens } from './place-answer.ts';
import type { ReadPosition } from './place-answer.ts';
import type { Prefill, PrefilledAnswer, TextRequest } from './prefill.ts';
import { DEFAULT_END_TOKENS, MAX_PREFILL_BYTES } from './prefill-options.ts';
import type { PrefillOptions } from './prefill-options.ts';

/** How a chat is written as one text: what its model's template comes to. */
export interface ChatFormat {
  /** Of each message, with `{role}` and `{content}` in their places. */
  turn: string;
  /** What stands before the answer. */
  answer: string;
}

const echoed = z.object({
  choices: z.array(z.object({ finish_reason: z.string().nullish(), logprobs: listedLogprobs })).min(1),
});

/**
 * Prefill by an engine that echoes a completion's prompt with its probabilities, as OpenAI's older API does (llama-cpp-python and others). Ranks are known
 * among the likeliest only.
 * @param chat without it chats can't be read: they are BackendUnsupported
 */
export function createEchoPrefill(options: PrefillOptions & { chat?: ChatFormat }): Prefill {
  const { engine, model, timeoutMs, chat, endTokens = DEFAULT_END_TOKENS } = options;
  return async (request, answer, signal) => {
    try {
      const asked = { model: model ?? request.body.model, prompt: promptOf(request, chat, engine.name) + answer };
      // One token is generated: engines take 0 for "as many as there is room for", and its alternatives state the end.
      const how = { max_tokens: 1, temperature: 0, echo: true, logprobs: MAX_TOP_LOGPROBS };
      const { body } = await engine.post(
        '/completions',
        { ...asked, ...how },
        {
          headers: { accept: 'application/json' },
          maxBodyBytes: MAX_PREFILL_BYTES,
          ...{ timeoutMs, ...(signal === undefined ? {} : { signal }) },
        },
      );
      return read(body, answer, endTokens);
    } catch (error) {
      if (signal?.aborted === true) throw signal.reason;
      throw backendError(engine.name, error);
    }
  };
}

function promptOf(request: TextRequest, chat: ChatFormat | undefined, engine: string): string {
  if (request.api === 'completion') return request.body.prompt;
  if (chat === undefined) throw new BackendUnsupported(engine, 'its chats have no format: write prefill.chat');
  const turns = request.body.messages.map((message) => {
    const content = chatTexts({ ...request.body, messages: [message] }).join('\n');
    // A function: what stands in a message is no pattern.
    return chat.turn.replace(/\{(role|content)\}/g, (_, member) => (member === 'role' ? message.role : content));
  });
  return turns.join('') + chat.answer;
}

/** The last token is the generated one, unless that was the end. */
function read(bytes: Uint8Array, answer: string, endTokens: readonly string[]): PrefilledAnswer {
  const [choice] = readJsonAs(echoed, bytes).choices;
  if (choice === undefined) throw new InvalidInputError('it has no choice');
  const { tokens, token_logprobs: logprobs, top_logprobs: tops } = choice.logprobs;
  const positions = tokens.map((text, index): ReadPosition => {
    const logprob = logprobs[index] ?? null;
    const top = ratedTokens(tops?.[index] ?? {});
    return { text, logprob, rank: rankOf(text, top), top: top.slice(0, MAX_TOP_LOGPROBS) };
  });
  const next = positions.at(-1);
  const before = answerPositions(positions.slice(0, -1), answer, endTokens);
  if (before !== null) return { tokens: before, end_logprob: endOf(next?.top ?? [], endTokens) };
  // Generated as the likeliest of all, and written as nothing.
  const all = choice.finish_reason === 'stop' ? answerPositions(positions, answer, endTokens) : null;
  if (all === null) throw new InvalidInputError('the tokens that it read do not end with the answer');
  return { tokens: all, end_logprob: CERTAIN };
}

function rankOf(text: string, top: readonly { text: string }[]): number | null {
  const index = top.findIndex((each) => each.text === text);
  return index < 0 ? null : index + 1;
}

const CERTAIN = 0;
