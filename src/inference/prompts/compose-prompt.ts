import type { Draws } from './prompt-seed.ts';
import type { PromptSeeds } from './seed-words.ts';
import { slotsOf } from './vocabulary.ts';
import type { Vocabulary } from './vocabulary.ts';

/** How often a slot that may hold a dataset's word does. */
const SEEDED_PPM = 600_000;

/**
 * A prompt that the draws alone decide: a template, and for each of its slots an entry of the vocabulary, or a word or phrase of the seeds. It
 * can be asked as it is, or be given to a prompt model to say in other words.
 */
export function composePrompt(vocabulary: Vocabulary, seeds: PromptSeeds, draws: Draws): string {
  const template = draws.pick(vocabulary.templates);
  const drawn = slotsOf(template).map((slot) => entryOf(slot, vocabulary, seeds, draws));
  let at = 0;
  const text = template.replace(/\{[a-z]+\}/g, () => drawn[at++] ?? '');
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}

function entryOf(slot: string, { slots, seeded }: Vocabulary, { words, phrases }: PromptSeeds, draws: Draws): string {
  const [hasWords, hasPhrases] = [words.length > 0, phrases.length > 0];
  if (seeded.includes(slot) && (hasWords || hasPhrases) && draws.chance(SEEDED_PPM)) {
    return draws.pick(hasWords && (!hasPhrases || draws.chance(500_000)) ? words : phrases);
  }
  return draws.pick(slots[slot] ?? []);
}
