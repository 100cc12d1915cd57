import { drawsFrom } from '../../src/inference/prompts/prompt-seed.ts';
import { passageOf, promptCorpusOf } from '../../src/inference/prompts/prompt-corpus.ts';
import type { PromptCorpus } from '../../src/inference/prompts/prompt-corpus.ts';
import { canonicalRequest, drawParameters, drawRoles } from '../../src/inference/prompts/request-parameters.ts';
import { requestFault } from '../../src/inference/tasks/request-fault.ts';
import type { Task } from '../../src/inference/tasks/task.ts';
import type { TaskRequest } from '../../src/inference/wire/request.ts';
import { humanTexts, shuffled } from './human-texts.ts';

let everything: PromptCorpus | null = null;

/** People's texts, cut by document into what is published and what nobody but its writer knows; no sentence is in both. */
export function heldOutTexts(seed: string): { corpus: PromptCorpus; heldOut: PromptCorpus } {
  everything ??= promptCorpusOf(humanTexts());
  const documents = shuffled(everything.documents, seed);
  const half = Math.floor(documents.length / 2);
  return { corpus: { documents: documents.slice(0, half) }, heldOut: { documents: documents.slice(half) } };
}

/**
 * A customer's request as the gateway passes it on: for each message two to five sentences that follow each other in one of the held-out documents, each document in its turn;
 * parameters and turns as customers have them.
 */
export function customersRequest(task: Task, { documents }: PromptCorpus, index: number, seed: string): TaskRequest {
  const document = documents[index % documents.length] ?? [];
  const draws = drawsFrom(`customer.${seed}.${index}`);
  for (;;) {
    const messages = drawRoles(task, draws).map((role) => ({ role, content: passageOf(document, draws).join(' ') }));
    const request: TaskRequest = { api: 'chat', body: { model: task.model ?? task.name, messages } };
    const canonical = canonicalRequest(task, drawParameters(task, request, draws), draws);
    if (requestFault(task, canonical) === null) return canonical;
  }
}

/** Times at which customers come by themselves: gaps of an exponential distribution, `count` of them in the period on average. */
export function poissonTimes(count: number, periodMs: number, seed: string): number[] {
  const draws = drawsFrom(`poisson.${seed}`);
  const times: number[] = [];
  for (;;) {
    const gapMs = (-Math.log((draws.below(2 ** 32) + 1) / 2 ** 32) * periodMs) / count;
    const next = (times.at(-1) ?? 0) + gapMs;
    if (next >= periodMs) return times;
    times.push(next);
  }
}
