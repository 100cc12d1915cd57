import type { Draws } from './prompt-seed.ts';

/*
 * Sentences that people wrote, out of published datasets: two or three of different documents make a prompt. Filled templates are told from what
 * people write at once; these have people's words, lengths and punctuation. Only what is published may be read here: customers' words enter no prompt
 * (DESIGN.md, rule 11).
 */

/** Shorter ones are headings and exclamations, longer ones lists and tables without their lines. */
const LEAST_WORDS = 4;
const MOST_BYTES = 300;
/** Of a document: a long one must not be most of the corpus. */
const MOST_OF_A_DOCUMENT = 40;
/** 2^17 sentences of about 90 bytes are some 30 MB in memory, and 10^15 prompts. */
const DEFAULT_MOST = 131_072;
/** Two as often as three. */
const PIECES = [2, 3] as const;

/** Sentences by the document that they are from; none comes twice in the whole corpus. */
export interface PromptCorpus {
  documents: readonly (readonly string[])[];
}

export const NO_CORPUS: PromptCorpus = { documents: [] };

/** The sentences of texts, one text a document; those without any are left out. @param most sentences of all */
export function promptCorpusOf(texts: Iterable<string>, most = DEFAULT_MOST): PromptCorpus {
  const seen = new Set<string>();
  const documents: string[][] = [];
  for (const text of texts) {
    const fresh: string[] = [];
    for (const sentence of sentencesOf(text)) {
      if (seen.size >= most || fresh.length >= MOST_OF_A_DOCUMENT) break;
      const key = sentence.toLowerCase();
      if (!seen.has(key)) fresh.push(sentence);
      seen.add(key);
    }
    if (fresh.length > 0) documents.push(fresh);
    if (seen.size >= most) break;
  }
  return { documents };
}

/**
 * A text's sentences as they were written, in its order: of 4 words and more, at most 300 bytes, that begin with a letter or digit and end with a full stop,
 * a question mark or an exclamation mark. None that holds an address, an account, a tag, code or markup.
 */
export function sentencesOf(text: string): string[] {
  return text
    .normalize('NFC')
    .split(/\n\s*\n/)
    .flatMap((paragraph) => paragraph.replace(/\s+/g, ' ').split(/(?<=[.!?])\s+(?=[\p{Lu}\p{N}"“'])/u))
    .map((sentence) => sentence.trim())
    .filter(isSentence);
}

/** Different prompts that a corpus makes: ordered pairs and triples of sentences of different documents. */
export function corpusCombinations({ documents }: PromptCorpus): bigint {
  let [sum, squares, cubes] = [0n, 0n, 0n];
  for (const { length } of documents) {
    const count = BigInt(length);
    sum += count;
    squares += count * count;
    cubes += count * count * count;
  }
  return sum * sum - squares + (sum * sum * sum - 3n * sum * squares + 2n * cubes);
}

/** Two or three sentences of different documents, each document as likely. Throws RangeError where there are fewer than three. */
export function composeFromCorpus({ documents }: PromptCorpus, draws: Draws): string {
  const wanted = draws.pick(PIECES);
  if (documents.length < wanted) throw new RangeError(`${documents.length} documents, a prompt needs ${wanted}`);
  const drawn = new Set<readonly string[]>();
  while (drawn.size < wanted) drawn.add(draws.pick(documents));
  return [...drawn].map((document) => draws.pick(document)).join(' ');
}

function isSentence(sentence: string): boolean {
  if (!/^["“'(]?[\p{L}\p{N}].*[.!?]["”')]?$/u.test(sentence) || !sentence.isWellFormed()) return false;
  if (/:\/\/|www\.|[@#<>{}[\]|`\\*_=~^]|\p{Cc}/u.test(sentence)) return false;
  const words = sentence.split(' ').filter((word) => /\p{L}{2,}/u.test(word));
  return words.length >= LEAST_WORDS && Buffer.byteLength(sentence) <= MOST_BYTES;
}
