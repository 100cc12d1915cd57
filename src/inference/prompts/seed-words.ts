/*
 * Seeds for prompts out of published datasets. Only what is published may be read here: customers' words enter no prompt (DESIGN.md, rule 11).
 */

const MIN_LETTERS = 4;
const MAX_LETTERS = 20;
const PHRASE_WORDS = 4;
/** Enough for billions of prompts, little enough to keep in memory. */
const DEFAULT_MOST = 50_000;

/** Words and phrases to seed prompts with, sorted: unless there were too many, in one order whatever the order of the texts. */
export interface PromptSeeds {
  words: readonly string[];
  phrases: readonly string[];
}

export const NO_SEEDS: PromptSeeds = { words: [], phrases: [] };

/**
 * The words of texts, in lower case: 4 to 20 letters, no names of accounts, tags or addresses; and runs of four such words that follow each
 * other. Sorted, none twice.
 * @param most of each
 */
export function promptSeedsOf(texts: Iterable<string>, most = DEFAULT_MOST): PromptSeeds {
  const words = new Set<string>();
  const phrases = new Set<string>();
  for (const text of texts) {
    for (const sentence of text
      .normalize('NFC')
      .replace(/\S*:\/\/\S*/g, ';')
      .toLowerCase()
      .split(/[.!?;:\n\r()"“”]+/)) {
      const found = sentence.split(/[\s,]+/).filter((word) => word !== '');
      found.filter(isWord).forEach((word) => words.size < most && words.add(word));
      for (let at = 0; at + PHRASE_WORDS <= found.length; at += PHRASE_WORDS) {
        const run = found.slice(at, at + PHRASE_WORDS);
        if (phrases.size < most && run.every(isPlain) && run.some(isWord)) phrases.add(run.join(' '));
      }
    }
    if (words.size >= most && phrases.size >= most) break;
  }
  return { words: [...words].sort(), phrases: [...phrases].sort() };
}

function isWord(word: string): boolean {
  return isPlain(word) && word.length >= MIN_LETTERS && word.length <= MAX_LETTERS;
}

function isPlain(word: string): boolean {
  return /^\p{L}+(?:['’-]\p{L}+)*$/u.test(word);
}
