import { drawsFrom } from './prompt-seed.ts';
import type { Draws } from './prompt-seed.ts';
import { wordsOf } from './words-of.ts';

/*
 * Prompts of sentences that people wrote, out of published datasets. Filled templates are told from what people write at once; so are sentences of different
 * documents put together, since people stay with their subject, say its words again and keep their manner. So the sentences of a prompt, and of a whole
 * chat, are of one document, in its order, but not those that follow each other: no prompt is found in the dataset as it is, and there are billions.
 * Only what is published may be read here: customers' words enter no prompt (DESIGN.md, rule 11).
 */

/** Shorter ones are headings and exclamations, longer ones lists and tables without their lines. */
const LEAST_WORDS = 4;
const MOST_BYTES = 300;
/** Of a document: a long one must not be most of the corpus. */
const MOST_OF_A_DOCUMENT = 80;
/** 2^17 sentences of about 90 bytes are some 30 MB in memory, and 10^15 prompts. */
const DEFAULT_MOST = 131_072;
/** Sentences of one text. */
const LENGTHS = [2, 3, 4, 5] as const;
/** Choices of sentences that are drawn for a text; the one that is most like a passage is taken. */
const CHOICES = 6;
/** Letters of a word that belongs to a subject rather than to the language. */
const LONG_WORD = 5;
/** A shorter document has too few choices. */
export const LEAST_SENTENCES = 3;

/** Documents as their sentences, none twice in the whole corpus. */
export interface PromptCorpus {
  documents: readonly (readonly string[])[];
}

export const NO_CORPUS: PromptCorpus = { documents: [] };

/** The sentences of texts, one text a document; those with fewer than three are left out. @param most sentences of all */
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
    if (fresh.length >= LEAST_SENTENCES) documents.push(fresh);
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

/** A corpus never changes, every request asks for the number, and adding it up takes tens of milliseconds. */
const counted = new WeakMap<PromptCorpus, bigint>();

/** Different single texts that a corpus makes: choices of two to five sentences of a document. */
export function corpusCombinations(corpus: PromptCorpus): bigint {
  const known = counted.get(corpus);
  if (known !== undefined) return known;
  const all = corpus.documents.reduce(
    (sum, { length }) => LENGTHS.reduce((more, size) => more + choices(BigInt(length), BigInt(size)), sum),
    0n,
  );
  counted.set(corpus, all);
  return all;
}

/**
 * The place of the document that a request is made of: each has its turn before any comes again, in an order that the seed fixes, so that who sees many requests
 * does not come to know the documents.
 * @param index of the request
 * @param count of documents, 1 at least
 */
export function documentInTurn(seed: string, index: number, count: number): number {
  const draws = drawsFrom(`${seed}.documents`);
  const first = draws.below(count);
  let step = 1 + draws.below(count);
  while (divisorOf(step, count) !== 1) step = 1 + draws.below(count);
  return (first + (index % count) * step) % count;
}

/** The texts of one request, all of one document. @param at its place; throws RangeError where there is none */
export function composeFromCorpus({ documents }: PromptCorpus, at: number, draws: Draws, texts = 1): string[] {
  const document = documents[at];
  if (document === undefined) throw new RangeError(`no document ${at} to compose from`);
  return Array.from({ length: texts }, () => {
    const model = mannerOf(passageOf(document, draws));
    const drawn = Array.from({ length: CHOICES }, () => choiceOf(document, model.sentences, draws));
    const distances = drawn.map((choice) => distanceOf(mannerOf(choice), model));
    return (drawn[distances.indexOf(Math.min(...distances))] ?? []).join(' ');
  });
}

/** Two to five sentences that follow each other. */
export function passageOf(document: readonly string[], draws: Draws): string[] {
  const length = Math.min(draws.pick(LENGTHS), document.length);
  const at = draws.below(document.length - length + 1);
  return document.slice(at, at + length);
}

/** So many sentences, each choice as likely, in the document's order. */
function choiceOf(document: readonly string[], size: number, draws: Draws): string[] {
  let wanted = size;
  return document.filter((_, at) => {
    const isTaken = draws.below(document.length - at) < wanted;
    if (isTaken) wanted -= 1;
    return isTaken;
  });
}

/** How long a text is, and how much it repeats itself. */
interface Manner {
  sentences: number;
  words: number;
  again: number;
  longAgain: number;
}

function mannerOf(sentences: readonly string[]): Manner {
  const words = wordsOf(sentences.join(' '));
  const long = words.filter((word) => word.length >= LONG_WORD);
  return {
    ...{ sentences: sentences.length, words: words.length },
    ...{ again: words.length - new Set(words).size, longAgain: long.length - new Set(long).size },
  };
}

function distanceOf(a: Manner, b: Manner): number {
  return Math.abs(a.again - b.again) + 2 * Math.abs(a.longAgain - b.longAgain) + Math.abs(a.words - b.words) / 4;
}

/** The greatest common one. */
function divisorOf(a: number, b: number): number {
  return b === 0 ? a : divisorOf(b, a % b);
}

/** n over k. */
function choices(n: bigint, k: bigint): bigint {
  let found = 1n;
  for (let at = 0n; at < k; at++) found = (found * (n - at)) / (at + 1n);
  return n < k ? 0n : found;
}

function isSentence(sentence: string): boolean {
  if (!/^["“'(]?[\p{L}\p{N}].*[.!?]["”')]?$/u.test(sentence) || !sentence.isWellFormed()) return false;
  if (/:\/\/|www\.|[@#<>{}[\]|`\\*_=~^]|\p{Cc}/u.test(sentence)) return false;
  const words = sentence.split(' ').filter((word) => /\p{L}{2,}/u.test(word));
  return words.length >= LEAST_WORDS && Buffer.byteLength(sentence) <= MOST_BYTES;
}
