import type { z } from 'zod';
import { InvalidInputError, messageOf } from '../../core/errors.ts';
import { chatAnswer } from '../wire/chat.ts';
import { completionAnswer } from '../wire/completion.ts';
import { embeddingAnswer, embeddingTexts, vectorsInOrder } from '../wire/embeddings.ts';
import { imageAnswer } from '../wire/images.ts';
import type { TaskAnswer, TaskRequest } from '../wire/request.ts';

/** The answer that a body holds, under the model's name in the request. Throws InvalidInputError where it holds none to this request. */
export function readAnswer(request: TaskRequest, body: Uint8Array): TaskAnswer {
  const json = parseJson(body);
  const { model } = request.body;
  switch (request.api) {
    case 'chat':
      return { api: 'chat', body: { ...read(chatAnswer, json), model } };
    case 'completion':
      return { api: 'completion', body: { ...read(completionAnswer, json), model } };
    case 'images':
      return { api: 'images', body: read(imageAnswer, json) };
    case 'embeddings': {
      const answer = read(embeddingAnswer, json);
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

/** What a JSON body holds by a schema. Throws InvalidInputError where it holds something else. */
export function readJson<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  return read(schema, body instanceof Uint8Array ? parseJson(body) : body);
}

function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch (error) {
    throw new InvalidInputError(`it is not JSON: ${messageOf(error)}`);
  }
}

function read<Schema extends z.ZodType>(schema: Schema, json: unknown): z.output<Schema> {
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new InvalidInputError(`it is none that the API has: ${issue?.path.join('.')}: ${issue?.message}`);
}
