import { SeineError } from '../../core/errors.ts';
import type { Backend } from '../backends/backend.ts';
import { IMAGE_INPUT_KINDS } from '../tasks/task.ts';
import type { Task } from '../tasks/task.ts';
import { canonicalImage, rectangleMask } from './canonical-image.ts';
import { composedRequest, composePicturePrompt, composeTexts, formOf } from './compose-request.ts';
import type { Picture, PromptSources } from './compose-request.ts';
import { attemptDraws, freshPrompt } from './fresh-prompt.ts';
import type { PromptHistory } from './prompt-history.ts';
import { cleanRewrite, rewriteInstruction } from './prompt-model.ts';
import type { PromptForm } from './prompt-model.ts';
import { drawsFrom, promptSeed } from './prompt-seed.ts';
import type { Draws } from './prompt-seed.ts';
import type { MakeRequest } from './request-maker.ts';
import { drawRoles, MOST_NEGATIVE_BYTES } from './request-parameters.ts';

/** Between the texts of one request while they are composed; no text holds it. */
const BETWEEN_TEXTS = '\n\n';
/** A rewritten prompt has at most 80 words. */
const REWRITE_TOKENS = 256;
const MODEL_TIMEOUT_MS = 60_000;
const IMAGE_TIMEOUT_MS = 300_000;
/** What backends are asked for; each calls its model by a name of its own (`model` of createOpenAiBackend). */
const PROMPT_MODEL = 'prompt-model';
const IMAGE_MODEL = 'image-model';

/** Sides of the picture that conditions another. */
const PICTURE_SIZES = ['1024x1024', '1024x1024', '832x1216', '1216x832', '768x1024', '1024x768'] as const;

export interface RequestMakerOptions {
  /** As they are when a request is made. */
  sources: () => PromptSources;
  history: PromptHistory;
  /** Says composed prompts in its own words; null: they are asked as they were composed. */
  promptModel: Backend | null;
  /** Makes the images that requests bring; null: tasks that need one can't be asked. */
  imageBackend: Backend | null;
}

/** A task needs an image, and no backend makes any. */
export class NoImageBackend extends SeineError {
  constructor(task: string) {
    super('NoImageBackend', `requests for ${task} bring an image: name an image backend, or disable the task`, {
      details: { task },
    });
  }
}

/**
 * Makes synthetic requests of every kind. Without a prompt model a request is fixed by its origin, the attempt and the sources. Throws NoFreshPrompt,
 * NoImageBackend, ImageRefused, and what the backends throw.
 */
export function createRequestMaker(options: RequestMakerOptions): MakeRequest {
  const { sources, history, promptModel, imageBackend } = options;

  return async (task, origin) => {
    if (IMAGE_INPUT_KINDS.includes(task.kind) && imageBackend === null) throw new NoImageBackend(task.name);
    const seed = promptSeed(origin);
    const form = formOf(task);
    const material = sources();
    const say = (composed: string, draws: Draws) =>
      promptModel === null ? Promise.resolve(composed) : rewritten(promptModel, composed, form, draws);
    const { prompt, attempt } = await freshPrompt({
      seed,
      write: async (draws, at) => {
        const { roles, texts } = composeTexts(task, origin, at, material, draws);
        const said: string[] = [];
        for (const [index, composed] of texts.entries()) {
          said.push(roles[index] === 'user' ? await say(composed, draws) : composed);
        }
        // A model that said nothing: no prompt, and another attempt.
        return said.includes('') ? '' : said.join(BETWEEN_TEXTS);
      },
      history,
      maxBytes: task.limits.text_bytes - (form === 'image' ? MOST_NEGATIVE_BYTES : 0),
    });
    // The roles are the first that an attempt draws.
    const composed = { roles: drawRoles(task, attemptDraws(seed, attempt)), texts: prompt.split(BETWEEN_TEXTS) };
    const picture = imageBackend === null ? null : await pictureFor(imageBackend, task, seed, material);
    return { request: composedRequest(task, origin, composed, picture), attempt };
  };
}

async function pictureFor(backend: Backend, task: Task, seed: string, sources: PromptSources): Promise<Picture | null> {
  if (!IMAGE_INPUT_KINDS.includes(task.kind)) return null;
  const draws = drawsFrom(`${seed}.picture`);
  const prompt = composePicturePrompt(sources, draws);
  const body = {
    ...{ model: IMAGE_MODEL, prompt, n: 1, size: draws.pick(PICTURE_SIZES), response_format: 'b64_json' as const },
    seed: draws.below(2 ** 32),
  };
  const answer = await backend.answer({ api: 'images', body }, { timeoutMs: IMAGE_TIMEOUT_MS });
  const base64 = answer.api === 'images' ? (answer.body.data[0]?.b64_json ?? '') : '';
  const image = await canonicalImage(task, Buffer.from(base64, 'base64'));
  if (task.kind !== 'inpaint') return { image, mask: null };
  // A fifth to three fifths of each side, anywhere.
  const [width, height] = [share(draws, 0.2, 0.6), share(draws, 0.2, 0.6)];
  const place = { left: share(draws, 0, 1 - width), top: share(draws, 0, 1 - height), width, height };
  return { image, mask: await rectangleMask(image, place) };
}

function share(draws: Draws, from: number, to: number): number {
  return from + (draws.below(1_000_001) / 1_000_000) * (to - from);
}

async function rewritten(backend: Backend, composed: string, form: PromptForm, draws: Draws): Promise<string> {
  const messages = [{ role: 'user' as const, content: rewriteInstruction(composed, form) }];
  const body = {
    model: PROMPT_MODEL,
    messages,
    max_tokens: REWRITE_TOKENS,
    temperature: 1,
    seed: draws.below(2 ** 32),
  };
  const answer = await backend.answer({ api: 'chat', body }, { timeoutMs: MODEL_TIMEOUT_MS });
  return answer.api === 'chat' ? cleanRewrite(answer.body.choices[0]?.message.content ?? '') : '';
}
