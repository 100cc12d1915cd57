import type { CheckResult } from '../src/core/inference-period.ts';
import { InvalidInputError } from '../src/core/errors.ts';
import type { TaskChecker } from '../src/inference/checks/checker.ts';
import { cosineOf } from '../src/inference/checks/cosine.ts';
import { ppmOfCosine } from '../src/inference/checks/float-units.ts';
import type { TaskCheck } from '../src/inference/tasks/task.ts';
import { embeddingTexts, vectorsInOrder } from '../src/inference/wire/embeddings.ts';
import { gradeEmbedding } from '../src/scoring/inference/checks/embedding-cosine.ts';
import type { CheckInput } from './check-answer.ts';
import { needed, verdictOf, worstOf, wrong } from './check-verdicts.ts';

export type EmbeddingCheck = Extract<TaskCheck, { method: 'embedding-cosine' }>;

/** Checks vectors against the validator's own of the same texts; the worst counts. Throws what the backend throws. */
export async function checkEmbeddings(
  { task, request, answer }: CheckInput,
  check: EmbeddingCheck,
  checker: TaskChecker,
  signal: AbortSignal,
): Promise<CheckResult> {
  const backend = needed(checker.backend, task.name, 'a backend');
  if (request.api !== 'embeddings' || answer.api !== 'embeddings') return wrong('malformed');
  const texts = embeddingTexts(request.body).length;
  const theirs = vectorsInOrder(answer.body, texts);
  if (theirs === null) return wrong('other_count');
  const made = await backend.answer(request, { timeoutMs: checker.timeoutMs, signal });
  const own = made.api === 'embeddings' ? vectorsInOrder(made.body, texts) : null;
  if (own === null) throw new InvalidInputError('it made other vectors');
  const results = own.map((vector, index) => {
    const other = theirs[index] ?? [];
    if (other.length !== vector.length) return wrong('other_size');
    const cosine = cosineOf(other, vector);
    return cosine === null ? wrong('malformed') : verdictOf(gradeEmbedding(ppmOfCosine(cosine), check));
  });
  return worstOf(results);
}
