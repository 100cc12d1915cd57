import { InvalidInputError } from '../../core/errors.ts';
import { chatAnswer } from '../wire/chat.ts';
import { completionAnswer } from '../wire/completion.ts';
import { embeddingAnswer, embeddingTexts, vectorsInOrder } from '../wire/embeddings.ts';
import { imageAnswer } from '../wire/images.ts';
import type { TaskAnswer, TaskRequest } from '../wire/request.ts';
import { readJsonAs } from './read-json.ts';

/** The answer that a body holds, under the model's name in the request. Throws InvalidInputError where it holds none to this request. */
export function readAnswer(request: TaskRequest, body: Uint8Array): TaskAnswer {
  const { model } = request.body;
  switch (request.api) {
    case 'chat':
      return { api: 'chat', body: { ...readJsonAs(chatAnswer, body), model } };
    case 'completion':
      return { api: 'completion', body: { ...readJsonAs(completionAnswer, body), model } };
    case 'images':
      return { api: 'images', body: readJsonAs(imageAnswer, body) };
    case 'embeddings': {
      const answer = readJsonAs(embeddingAnswer, body);
      if (vectorsInOrder(answer, embeddingTexts(request.body).length) === null) {
        throw new InvalidInputError('it has not one vector for each text');
      }
      return { api: 'embeddings', body: { ...answer, model } };
    }
  }
}

/** Whether an answer lacks the probabilities that its request asked for; one without text has none. */
export function lacksLogprobs(request: TaskRequest, answer: TaskAnswer): boolean {
  if (request.api === 'chat' && answer.api === 'chat') {
    const choice = answer.body.choices[0];
    return request.body.logprobs === true && (choice?.message.content ?? '') !== '' && !choice?.logprobs?.content;
  }
  if (request.api === 'completion' && answer.api === 'completion') {
    const choice = answer.body.choices[0];
    return request.body.logprobs !== undefined && choice?.text !== '' && !choice?.logprobs;
  }
  return false;
}
