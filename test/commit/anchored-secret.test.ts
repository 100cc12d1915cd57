import { describe, expect, it } from 'vitest';
import { lookUpAnchor } from '../../src/commit/anchored-secret.ts';
import { ChainStateDiscardedError } from '../../src/commit/chain-errors.ts';
import { encodeSecretCommitment } from '../../src/commit/commitment.ts';
import { secretDigest } from '../../src/core/hash/prompt-secret.ts';
import type { PeriodProof } from '../../src/core/inference-period.ts';

const VALIDATOR = '5Validator';
const PERIOD_MS = 60_000;
const secret = 'ab'.repeat(32);
const digest = secretDigest({ validator: VALIDATOR, period: 5, secret });
const PROOF: PeriodProof = {
  ...{ period_ms: PERIOD_MS, period: 5, seed_block: { number: 30, hash: '0x30' }, secret, digest },
  ...{ anchored_block: 27, full_load: false, plan: 'cd'.repeat(32) },
};
const HELD = encodeSecretCommitment({ period: 5, digest });

/** A chain with a block each ten seconds, whose state is there from some block on. */
function chainHolding(text: string | null, statesFrom = 0) {
  const stateOf = <T>(number: number, value: T): Promise<T> =>
    number < statesFrom ? Promise.reject(new ChainStateDiscardedError(number)) : Promise.resolve(value);
  return {
    finalized: () => Promise.resolve({ number: 100, hash: '0x100' }),
    blockHash: (number: number) => Promise.resolve(`0x${number}`),
    timestamp: (hash: string) => stateOf(Number(hash.slice(2)), Number(hash.slice(2)) * 10_000_000),
    commitmentAt: (netuid: number, hotkey: string, number: number) =>
      stateOf(number, netuid === 7 && hotkey === VALIDATOR && number === 27 ? text : null),
  };
}

const look = (proof: Partial<PeriodProof>, text: string | null = HELD, statesFrom = 0) =>
  lookUpAnchor(chainHolding(text, statesFrom), { netuid: 7, validator: VALIDATOR }, { ...PROOF, ...proof });

describe("a period's proof", () => {
  it('holds where the chain held the digest before the first block of the period', async () => {
    expect(await look({})).toBe('anchored');
    expect(await look({ anchored_block: null })).toBe('never_anchored');
  });

  it.each([
    ['nothing', null],
    ["another period's", encodeSecretCommitment({ period: 4, digest })],
    ['another digest', encodeSecretCommitment({ period: 5, digest: 'ef'.repeat(32) })],
    ['a URL', 'https://example.com/dataset'],
  ])('does not hold where the chain held %s', async (_, text) => {
    expect(await look({}, text)).toBe('not_held');
  });

  it('does not hold at another block than the one that it names', async () => {
    expect(await look({ anchored_block: 26 })).toBe('not_held');
  });

  it.each([
    ['of another chain', { number: 30, hash: '0x31' }, 'other_block'],
    ['that is still to come', { number: 101, hash: '0x101' }, 'other_block'],
    ['that came before the period', { number: 29, hash: '0x29' }, 'not_first'],
    ['that the validator waited for', { number: 31, hash: '0x31' }, 'not_first'],
  ])('does not hold with a seed block %s', async (_, seed_block, finding) => {
    expect(await look({ seed_block })).toBe(finding);
    expect(await look({ seed_block, anchored_block: null })).toBe(finding);
  });

  it('is not judged by a node that has dropped the state', async () => {
    expect(await look({}, HELD, 28)).toBe('unknown');
    expect(await look({}, HELD, 31)).toBe('unknown');
  });
});
