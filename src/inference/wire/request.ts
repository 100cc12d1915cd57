import type { Task } from '../tasks/task.ts';
import { IMAGE_KINDS } from '../tasks/task.ts';
import { chatImages, chatTexts } from './chat.ts';
import type { ChatAnswer, ChatRequest } from './chat.ts';
import type { CompletionAnswer, CompletionRequest } from './completion.ts';
import { embeddingTexts } from './embeddings.ts';
import type { EmbeddingAnswer, EmbeddingRequest } from './embeddings.ts';
import type { ImageAnswer, ImageRequest } from './images.ts';

/** A request of any kind, with the part of the API that answers it. */
export type TaskRequest =
  | { api: 'chat'; body: ChatRequest }
  | { api: 'completion'; body: CompletionRequest }
  | { api: 'images'; body: ImageRequest }
  | { api: 'embeddings'; body: EmbeddingRequest };

/** An answer of any kind. */
export type TaskAnswer =
  | { api: 'chat'; body: ChatAnswer }
  | { api: 'completion'; body: CompletionAnswer }
  | { api: 'images'; body: ImageAnswer }
  | { api: 'embeddings'; body: EmbeddingAnswer };

/** The part of the API that answers a task's requests. */
export function apiOf({ kind }: Pick<Task, 'kind'>): TaskRequest['api'] {
  if (IMAGE_KINDS.includes(kind)) return 'images';
  return kind === 'embedding' ? 'embeddings' : kind === 'completion' ? 'completion' : 'chat';
}

/** All the text of a request. */
export function requestTexts(request: TaskRequest): string[] {
  switch (request.api) {
    case 'chat':
      return chatTexts(request.body);
    case 'completion':
      return [request.body.prompt];
    case 'embeddings':
      return embeddingTexts(request.body);
    case 'images':
      return [
        request.body.prompt,
        ...(request.body.negative_prompt === undefined ? [] : [request.body.negative_prompt]),
      ];
  }
}

/** The base64 text of a request's images; a mask is none: it may be a few bytes. */
export function requestImages(request: TaskRequest): string[] {
  if (request.api === 'chat') return chatImages(request.body);
  return request.api === 'images' && request.body.image !== undefined ? [request.body.image] : [];
}
