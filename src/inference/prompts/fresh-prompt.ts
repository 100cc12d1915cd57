import { SeineError } from '../../core/errors.ts';
import { promptFault } from './prompt-fault.ts';
import type { PromptHistory } from './prompt-history.ts';
import { promptKeys } from './prompt-keys.ts';
import { drawsFrom } from './prompt-seed.ts';
import type { Draws } from './prompt-seed.ts';

/** With billions of combinations a second draw is rare; twenty in vain mean that the vocabulary is used up or the limit too small. */
export const MOST_ATTEMPTS = 20;

/** A prompt that was never asked, and the attempt that found it: with the seed, it says what was composed. */
export interface FreshPrompt {
  prompt: string;
  /** From 0. */
  attempt: number;
}

/** No draw gave a prompt that is within its limits and was not asked before. */
export class NoFreshPrompt extends SeineError {
  constructor(attempts: number, why: string) {
    const message = `none of ${attempts} prompts could be asked, the last ${why}: give it more seeds or a larger limit`;
    super('NoFreshPrompt', message, { details: { attempts, why } });
  }
}

/**
 * The first prompt of a seed's attempts that is within the limits and neither asked before nor near to one that was; it is then taken. Each attempt
 * draws from a seed of its own, so that what was refused before it needs no asking again.
 * @param seed of `promptSeed`
 * @param write composes a prompt from the draws of an attempt, with or without a prompt model
 * @param maxBytes the task's limit of text
 */
export async function freshPrompt({
  seed,
  write,
  history,
  maxBytes,
  attempts = MOST_ATTEMPTS,
}: {
  seed: string;
  write: (draws: Draws, attempt: number) => string | Promise<string>;
  history: PromptHistory;
  maxBytes: number;
  attempts?: number;
}): Promise<FreshPrompt> {
  let why = '';
  for (let attempt = 0; attempt < attempts; attempt++) {
    const prompt = await write(attemptDraws(seed, attempt), attempt);
    const fault = promptFault(prompt, maxBytes);
    const claimed = fault === null ? await history.claim(promptKeys(prompt)) : null;
    if (claimed === 'fresh') return { prompt, attempt };
    why = fault ?? (claimed === 'near' ? 'is near to an earlier one' : 'was asked before');
  }
  throw new NoFreshPrompt(attempts, why);
}

/** The draws of one attempt at a seed's prompt. */
export function attemptDraws(seed: string, attempt: number): Draws {
  return drawsFrom(`${seed}.${attempt}`);
}
