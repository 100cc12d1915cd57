import type { Backend } from '../backends/backend.ts';
import type { TaskRequest } from '../wire/request.ts';
import { drawsFrom } from '../prompts/prompt-seed.ts';

/** What sees an image and answers questions of it: a multimodal chat model of the validator's. */
export interface Judge {
  backend: Backend;
  model: string;
}

/** Questions that one image is asked. Ours: NicheImage's number changes with its prompts. */
const MOST_QUESTIONS = 5;
/** Shorter pieces of a prompt name nothing. */
const LEAST_CHARACTERS = 3;

/**
 * Yes/no questions that a picture of the prompt would all have answered by yes: one for each piece of the prompt, at most five, drawn by the seed.
 */
export function questionsOf(prompt: string, seed: string): string[] {
  const pieces = prompt
    .split(/[,;.:!?\n]+|\s(?:and|with|in|on|at|under|near|beside|behind)\s/iu)
    .map((piece) => piece.trim())
    .filter((piece) => piece.length >= LEAST_CHARACTERS);
  const left = [...new Set(pieces)];
  const draws = drawsFrom(`seine-questions.${seed}`);
  const drawn = Array.from({ length: Math.min(MOST_QUESTIONS, left.length) }, () =>
    left.splice(draws.below(left.length), 1),
  );
  return drawn.flat().map((piece) => `Does this picture show this: "${piece}"? Answer with the one word yes or no.`);
}

/** What a judge's words say; null where that is neither. */
export function yesOrNo(text: string): boolean | null {
  const found = /^\W*(yes|no)\W*$/iu.exec(text);
  return found === null ? null : found[1]?.toLowerCase() === 'yes';
}

/**
 * How many of the questions are answered by yes; null where there is none, or the judge answers one by anything else. Throws as its backend does.
 * @param dataUrl of the image
 */
export async function adherence(
  { backend, model }: Judge,
  dataUrl: string,
  questions: readonly string[],
  call: { timeoutMs: number; signal?: AbortSignal },
): Promise<{ yes: number; asked: number } | null> {
  const answers = await Promise.all(
    questions.map(async (question) => {
      const answer = await backend.answer(asking(model, dataUrl, question), call);
      return answer.api === 'chat' ? yesOrNo(answer.body.choices[0]?.message.content ?? '') : null;
    }),
  );
  if (answers.length === 0 || answers.includes(null)) return null;
  return { yes: answers.filter((answer) => answer === true).length, asked: answers.length };
}

function asking(model: string, url: string, text: string): TaskRequest {
  const content = [
    { type: 'image_url' as const, image_url: { url } },
    { type: 'text' as const, text },
  ];
  return { api: 'chat', body: { model, messages: [{ role: 'user', content }], max_tokens: 4, temperature: 0 } };
}
