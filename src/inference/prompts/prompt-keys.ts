import { sha256 } from '../../core/hash/sha256.ts';

/*
 * Two prompts are near where their sets of words, order, case, punctuation and the commonest words apart, differ by at most one word: one more, one less or one
 * for another. Every set that lacks one word of a prompt's is a key of it; two prompts that share a key are near, and near ones always share one. Of
 * a long prompt the words with the smallest hashes stand for all of them: the number of keys is bounded, a near one is still found, and one that differs
 * in other words only is called near as well.
 */

/** Words that stand for a prompt. */
const MOST_WORDS = 24;
/** 8 bytes: among 10^9 keys a chance hit, which costs one more draw, comes once in 10^10 looks. */
const KEY_CHARACTERS = 16;

const COMMON = new Set(
  'a an the and or but of in on at to for with from by as is are was it its i im am me my you your be this that so not no'.split(
    ' ',
  ),
);

/** By what a prompt is known among earlier ones; hex. */
export interface PromptKeys {
  /** Of its words in their order: equal for prompts that differ in case, white space and punctuation only. */
  exact: string;
  /** Shared by every prompt that is near. */
  near: readonly string[];
}

export function promptKeys(prompt: string): PromptKeys {
  const words = prompt
    .normalize('NFKC')
    .toLowerCase()
    .replace(/['’]/g, '')
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');
  const set = wordsThatStand(words);
  const sets = [set, ...set.map((_, index) => set.toSpliced(index, 1))];
  return { exact: keyOf('exact', words), near: sets.map((some) => keyOf('near', some)) };
}

function wordsThatStand(words: readonly string[]): string[] {
  const telling = words.filter((word) => !COMMON.has(word));
  // Of common words only, all of them stand.
  const ranked = [...new Set(telling.length > 0 ? telling : words)].map((word) => ({
    word,
    rank: keyOf('word', [word]),
  }));
  return ranked
    .sort((a, b) => (a.rank < b.rank ? -1 : 1))
    .slice(0, MOST_WORDS)
    .map(({ word }) => word);
}

function keyOf(kind: string, words: readonly string[]): string {
  return Buffer.from(sha256(`${kind} ${words.join(' ')}`))
    .toString('hex')
    .slice(0, KEY_CHARACTERS);
}
