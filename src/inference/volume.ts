import type { Task } from './tasks/task.ts';
import { embeddingTexts, vectorsInOrder } from './wire/embeddings.ts';
import type { TaskAnswer, TaskRequest } from './wire/request.ts';

/** Characters (code points) that make a token wherever volume is counted, so that no tokenizer decides it. Source: SN19's page on tasks. */
const CHARACTERS_PER_TOKEN = 4;

/** Tokens of a text for volume and speed: its code points / 4, rounded up. */
export function tokensOf(text: string): number {
  return Math.ceil([...text].length / CHARACTERS_PER_TOKEN);
}

/**
 * The most that an answer to this request can count, in the task's unit: what the request takes of a miner's stated capacity before it is answered. What a
 * request leaves out is the task's limit.
 */
export function requestVolume({ unit, limits }: Task, request: TaskRequest): number {
  if (unit === 'requests') return 1;
  switch (request.api) {
    case 'chat':
    case 'completion':
      return request.body.max_tokens ?? limits.tokens;
    case 'embeddings':
      return sum(embeddingTexts(request.body).map(tokensOf));
    case 'images':
      return request.body.n * (unit === 'steps' ? (request.body.steps ?? limits.steps) : 1);
  }
}

/**
 * What an answer counts, in the task's unit; never more than its request asked for, whatever the miner adds. 0 where nothing came that fits
 * the request. Whether it is right is not asked here.
 */
export function answerVolume(task: Task, request: TaskRequest, answer: TaskAnswer): number {
  const most = requestVolume(task, request);
  if (request.api !== answer.api) return 0;
  const text = textOf(answer);
  if (text !== null) return text === '' ? 0 : task.unit === 'requests' ? 1 : Math.min(most, tokensOf(text));
  if (request.api === 'embeddings' && answer.api === 'embeddings') {
    return vectorsInOrder(answer.body, embeddingTexts(request.body).length) === null ? 0 : most;
  }
  if (request.api !== 'images' || answer.api !== 'images') return 0;
  if (task.unit === 'requests') return answer.body.data.length < request.body.n ? 0 : 1;
  return (Math.min(request.body.n, answer.body.data.length) * most) / request.body.n;
}

/** The text of an answer that is one; null of images and vectors. */
export function textOf(answer: TaskAnswer): string | null {
  if (answer.api === 'chat') return answer.body.choices[0]?.message.content ?? '';
  return answer.api === 'completion' ? (answer.body.choices[0]?.text ?? '') : null;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, item) => total + item, 0);
}
