import { InvalidInputError } from '../../core/errors.ts';
import { sha256, sha256Hex } from '../../core/hash/sha256.ts';

/** What fixes a synthetic prompt (DESIGN.md, rule 5). */
export interface PromptOrigin {
  /** Hash of the block, as the chain writes it: 0x and 64 hex characters. */
  block_hash: string;
  /** The validator's secret of the period, 64 hex characters. */
  secret: string;
  /** SS58 address of the miner that is asked. */
  miner: string;
  /** Name of the task. */
  task: string;
  /** Number of the request to this miner for this task in the period, from 0. */
  index: number;
}

/** H(block hash, secret, miner, task and index), hex. No member holds the dot that divides them, so no two origins run into one. */
export function promptSeed({ block_hash, secret, miner, task, index }: PromptOrigin): string {
  const parts = [block_hash, secret, miner, task, String(index)];
  const wrong = parts.find((part) => part === '' || part.includes('.'));
  if (wrong !== undefined) throw new InvalidInputError(`"${wrong.slice(0, 80)}" can't be a part of a prompt's seed`);
  return sha256Hex(`seine-prompt.${parts.join('.')}`);
}

/** Numbers that a seed fixes: the same on every machine, in the order in which they are asked for. */
export interface Draws {
  /** A whole number from 0 to `bound` - 1, each as likely. @param bound 1 to 2^32 */
  below: (bound: number) => number;
  /** One of a list. Throws where it is empty. */
  pick: <Item>(items: readonly Item[]) => Item;
  /** True in `ppm` of a million cases. */
  chance: (ppm: number) => boolean;
}

const RANGE = 2 ** 32;
const WORDS_PER_BLOCK = 8;

/** Draws from SHA-256 in counter mode: who sees some of them learns nothing of the others. */
export function drawsFrom(seed: string): Draws {
  let block = new Uint8Array();
  let drawn = 0;
  const word = (): number => {
    if (drawn % WORDS_PER_BLOCK === 0) block = Uint8Array.from(sha256(`${seed}.${drawn / WORDS_PER_BLOCK}`));
    const value = new DataView(block.buffer).getUint32((drawn % WORDS_PER_BLOCK) * 4);
    drawn += 1;
    return value;
  };
  const below = (bound: number): number => {
    if (!Number.isInteger(bound) || bound < 1 || bound > RANGE) throw new RangeError(`nothing below ${bound} to draw`);
    // Words beyond the last whole multiple would favour small numbers.
    const fair = RANGE - (RANGE % bound);
    let value = word();
    while (value >= fair) value = word();
    return value % bound;
  };
  const pick = <Item>(items: readonly Item[]): Item => {
    const index = below(items.length);
    return items[index] as Item;
  };
  return { below, pick, chance: (ppm) => below(1_000_000) < ppm };
}
