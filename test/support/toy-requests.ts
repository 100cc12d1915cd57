import type { RequestUnits } from '../../src/inference/challenge/planned-queries.ts';
import { composePrompt } from '../../src/inference/prompts/compose-prompt.ts';
import { freshPrompt } from '../../src/inference/prompts/fresh-prompt.ts';
import { IMAGE_VOCABULARY } from '../../src/inference/prompts/image-vocabulary.ts';
import type { PromptHistory } from '../../src/inference/prompts/prompt-history.ts';
import { drawsFrom, promptSeed } from '../../src/inference/prompts/prompt-seed.ts';
import type { PromptOrigin } from '../../src/inference/prompts/prompt-seed.ts';
import type { MakeRequest } from '../../src/inference/prompts/request-maker.ts';
import { NO_SEEDS } from '../../src/inference/prompts/seed-words.ts';
import { TEXT_VOCABULARY } from '../../src/inference/prompts/text-vocabulary.ts';
import type { Task } from '../../src/inference/tasks/task.ts';

const sizeOf = (origin: PromptOrigin): number => 8 + drawsFrom(`${promptSeed(origin)}.size`).below(24);

/** Tokens of a chat, or steps of an image, of these requests. */
export const toyUnits: RequestUnits = (_, origin) => sizeOf(origin);

/** Makes small chats, every other one streamed, and small images, for the stand-in of a model. */
export function toyRequestMaker(history: PromptHistory): MakeRequest {
  return async (task: Task, origin) => {
    const isImage = task.kind === 'text-to-image';
    const vocabulary = isImage ? IMAGE_VOCABULARY : TEXT_VOCABULARY;
    const { prompt, attempt } = await freshPrompt({
      seed: promptSeed(origin),
      write: (draws) => composePrompt(vocabulary, NO_SEEDS, draws),
      history,
      maxBytes: task.limits.text_bytes,
    });
    const head = { model: task.model ?? task.name, seed: origin.index };
    const units = sizeOf(origin);
    if (isImage) {
      const body = { ...head, prompt, n: 1, size: '32x32', steps: units, response_format: 'b64_json' as const };
      return { request: { api: 'images', body }, attempt };
    }
    const messages = [{ role: 'user' as const, content: prompt }];
    const shape = { temperature: 0, stream: origin.index % 2 === 0, logprobs: true, top_logprobs: 5 };
    return { request: { api: 'chat', body: { ...head, messages, max_tokens: units, ...shape } }, attempt };
  };
}
