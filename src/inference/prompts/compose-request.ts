import { IMAGE_KINDS } from '../tasks/task.ts';
import type { Task } from '../tasks/task.ts';
import { requestVolume } from '../volume.ts';
import type { ChatRequest } from '../wire/chat.ts';
import { apiOf } from '../wire/request.ts';
import type { TaskRequest } from '../wire/request.ts';
import type { CanonicalImage } from './canonical-image.ts';
import { composePrompt } from './compose-prompt.ts';
import { attemptDraws } from './fresh-prompt.ts';
import { IMAGE_VOCABULARY } from './image-vocabulary.ts';
import { composeFromCorpus, corpusCombinations, documentInTurn } from './prompt-corpus.ts';
import type { PromptCorpus } from './prompt-corpus.ts';
import type { PromptForm } from './prompt-model.ts';
import { drawsFrom, promptSeed } from './prompt-seed.ts';
import type { Draws, PromptOrigin } from './prompt-seed.ts';
import { canonicalRequest, drawParameters, drawRoles } from './request-parameters.ts';
import type { Role } from './request-parameters.ts';
import type { PromptSeeds } from './seed-words.ts';
import { TEXT_VOCABULARY } from './text-vocabulary.ts';

/*
 * What an origin, an attempt and the sources fix of a synthetic request, with no engine and no history: whoever has them composes the same again.
 */

/** Fewer prompts than this would run out, or be foreseen: templates are taken then. */
export const LEAST_COMBINATIONS = 10n ** 9n;
/** Of a sentence or two. */
const USUAL_TEXT_TOKENS = 32;

/** What prompts are made of: all of it out of published datasets. */
export interface PromptSources {
  corpus: PromptCorpus;
  /** For templates, where the corpus is too small. */
  seeds: PromptSeeds;
}

/** The texts of a request as they are composed, and whose each is. */
export interface ComposedTexts {
  roles: readonly Role[];
  texts: string[];
}

/** A picture that a request brings. */
export interface Picture {
  image: CanonicalImage;
  mask: string | null;
}

/** What a task's prompts are for. */
export function formOf({ kind }: Task): PromptForm {
  return IMAGE_KINDS.includes(kind) ? 'image' : 'text';
}

/** The texts that an attempt composes. @param draws of the attempt, from their beginning */
export function composeTexts(
  task: Task,
  origin: PromptOrigin,
  attempt: number,
  sources: PromptSources,
  draws: Draws,
): ComposedTexts {
  const roles = drawRoles(task, draws);
  return { roles, texts: drawTexts(sources, formOf(task), attempt === 0 ? origin : null, draws, roles.length) };
}

/** What the picture that a request brings is made of. @param draws of the picture */
export function composePicturePrompt(sources: PromptSources, draws: Draws): string {
  return drawTexts(sources, 'image', null, draws, 1).join(' ');
}

/** The request of an origin, of these texts. */
export function composedRequest(
  task: Task,
  origin: PromptOrigin,
  { roles, texts }: ComposedTexts,
  picture: Picture | null,
): TaskRequest {
  return withParameters(task, promptSeed(origin), requestOf(task, roles, texts, picture));
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

/** @param first the origin, where this is its first attempt: it has the document whose turn it is; any other draws one, for that one may be used up */
function drawTexts(
  { corpus, seeds }: PromptSources,
  form: PromptForm,
  first: PromptOrigin | null,
  draws: Draws,
  count: number,
): string[] {
  if (corpusCombinations(corpus) >= LEAST_COMBINATIONS) {
    const { length } = corpus.documents;
    const at =
      first === null ? draws.below(length) : documentInTurn(promptSeed({ ...first, index: 0 }), first.index, length);
    return composeFromCorpus(corpus, at, draws, count);
  }
  const vocabulary = form === 'image' ? IMAGE_VOCABULARY : TEXT_VOCABULARY;
  return Array.from({ length: count }, () => composePrompt(vocabulary, seeds, draws));
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
