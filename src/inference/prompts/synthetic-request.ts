import { SeineError } from '../../core/errors.ts';
import type { Backend } from '../backends/backend.ts';
import { IMAGE_INPUT_KINDS, IMAGE_KINDS } from '../tasks/task.ts';
import type { Task } from '../tasks/task.ts';
import type { ChatRequest } from '../wire/chat.ts';
import { requestVolume } from '../volume.ts';
import { apiOf } from '../wire/request.ts';
import type { TaskRequest } from '../wire/request.ts';
import { canonicalImage, rectangleMask } from './canonical-image.ts';
import type { CanonicalImage } from './canonical-image.ts';
import { composePrompt } from './compose-prompt.ts';
import { composeFromCorpus, corpusCombinations, documentInTurn } from './prompt-corpus.ts';
import type { PromptCorpus } from './prompt-corpus.ts';
import { attemptDraws, freshPrompt } from './fresh-prompt.ts';
import { IMAGE_VOCABULARY } from './image-vocabulary.ts';
import type { PromptHistory } from './prompt-history.ts';
import { cleanRewrite, rewriteInstruction } from './prompt-model.ts';
import type { PromptForm } from './prompt-model.ts';
import { drawsFrom, promptSeed } from './prompt-seed.ts';
import type { Draws, PromptOrigin } from './prompt-seed.ts';
import type { MakeRequest } from './request-maker.ts';
import { canonicalRequest, drawParameters, drawRoles, MOST_NEGATIVE_BYTES } from './request-parameters.ts';
import type { Role } from './request-parameters.ts';
import type { PromptSeeds } from './seed-words.ts';
import { TEXT_VOCABULARY } from './text-vocabulary.ts';

/** Fewer prompts than this would run out, or be foreseen: templates are taken then. */
export const LEAST_COMBINATIONS = 10n ** 9n;
/** Between the texts of one request while they are composed; no text holds it. */
const BETWEEN_TEXTS = '\n\n';
/** A rewritten prompt has at most 80 words. */
const REWRITE_TOKENS = 256;
/** Of a sentence or two. */
const USUAL_TEXT_TOKENS = 32;
const MODEL_TIMEOUT_MS = 60_000;
const IMAGE_TIMEOUT_MS = 300_000;
/** What backends are asked for; each calls its model by a name of its own (`model` of createOpenAiBackend). */
const PROMPT_MODEL = 'prompt-model';
const IMAGE_MODEL = 'image-model';

/** Sides of the picture that conditions another. */
const PICTURE_SIZES = ['1024x1024', '1024x1024', '832x1216', '1216x832', '768x1024', '1024x768'] as const;

/** What prompts are made of: all of it out of published datasets. */
export interface PromptSources {
  corpus: PromptCorpus;
  /** For templates, where the corpus is too small. */
  seeds: PromptSeeds;
}

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
    const form: PromptForm = IMAGE_KINDS.includes(task.kind) ? 'image' : 'text';
    const compose = composer(sources(), form, origin);
    const say = (composed: string, draws: Draws) =>
      promptModel === null ? Promise.resolve(composed) : rewritten(promptModel, composed, form, draws);
    const { prompt, attempt } = await freshPrompt({
      seed,
      write: async (draws) => {
        const roles = drawRoles(task, draws);
        const texts: string[] = [];
        for (const [index, composed] of compose(draws, roles.length).entries()) {
          texts.push(roles[index] === 'user' ? await say(composed, draws) : composed);
        }
        // A model that said nothing: no prompt, and another attempt.
        return texts.includes('') ? '' : texts.join(BETWEEN_TEXTS);
      },
      history,
      maxBytes: task.limits.text_bytes - (form === 'image' ? MOST_NEGATIVE_BYTES : 0),
    });
    // The roles are the first that an attempt draws.
    const roles = drawRoles(task, attemptDraws(seed, attempt));
    const pictureDraws = drawsFrom(`${seed}.picture`);
    const image =
      imageBackend === null
        ? null
        : await pictureFor(imageBackend, task, compose(pictureDraws, 1).join(' '), pictureDraws);
    return { request: withParameters(task, seed, requestOf(task, roles, prompt.split(BETWEEN_TEXTS), image)), attempt };
  };
}

/**
 * What the request of an origin counts in the task's unit, before it is made: its parameters don't depend on its prompt. Vectors count their texts, which are not known
 * yet: of them it is a guess.
 */
export function requestUnits(task: Task, origin: PromptOrigin): number {
  const seed = promptSeed(origin);
  if (task.kind === 'embedding') return drawRoles(task, attemptDraws(seed, 0)).length * USUAL_TEXT_TOKENS;
  return requestVolume(task, withParameters(task, seed, requestOf(task, ['user'], [''], null)));
}

function withParameters(task: Task, seed: string, request: TaskRequest): TaskRequest {
  const draws = drawsFrom(`${seed}.parameters`);
  return canonicalRequest(task, drawParameters(task, request, draws), draws);
}

type Compose = (draws: Draws, texts: number) => string[];

/** Composes the texts of a request from draws: of the corpus where that makes enough different ones, else of templates. */
function composer({ corpus, seeds }: PromptSources, form: PromptForm, origin: PromptOrigin): Compose {
  if (corpusCombinations(corpus) >= LEAST_COMBINATIONS) {
    const { length } = corpus.documents;
    let next: number | null = documentInTurn(promptSeed({ ...origin, index: 0 }), origin.index, length);
    return (draws, texts) => {
      // Only the first attempt has the document whose turn it is: another one may be used up as well.
      const at = next ?? draws.below(length);
      next = null;
      return composeFromCorpus(corpus, at, draws, texts);
    };
  }
  const vocabulary = form === 'image' ? IMAGE_VOCABULARY : TEXT_VOCABULARY;
  return (draws, texts) => Array.from({ length: texts }, () => composePrompt(vocabulary, seeds, draws));
}

interface Picture {
  image: CanonicalImage;
  mask: string | null;
}

async function pictureFor(backend: Backend, task: Task, prompt: string, draws: Draws): Promise<Picture | null> {
  if (!IMAGE_INPUT_KINDS.includes(task.kind)) return null;
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

function requestOf(task: Task, roles: readonly Role[], texts: readonly string[], picture: Picture | null): TaskRequest {
  const model = task.model ?? task.name;
  const [first = ''] = texts;
  switch (apiOf(task)) {
    case 'chat':
      return { api: 'chat', body: { model, messages: messagesOf(roles, texts, picture) } };
    case 'completion':
      return { api: 'completion', body: { model, prompt: first } };
    case 'embeddings':
      return { api: 'embeddings', body: { model, input: [...texts], encoding_format: 'float' } };
    case 'images': {
      const images = picture === null ? {} : { image: picture.image.base64 };
      const mask = picture === null || picture.mask === null ? {} : { mask: picture.mask };
      return { api: 'images', body: { model, prompt: first, n: 1, response_format: 'b64_json', ...images, ...mask } };
    }
  }
}

function messagesOf(
  roles: readonly Role[],
  texts: readonly string[],
  picture: Picture | null,
): ChatRequest['messages'] {
  return roles.map((role, index) => {
    const text = texts[index] ?? '';
    if (picture === null) return { role, content: text };
    const url = `data:${picture.image.mime};base64,${picture.image.base64}`;
    return {
      role,
      content: [
        { type: 'text', text },
        { type: 'image_url', image_url: { url } },
      ],
    };
  });
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
