import { describe, expect, it } from 'vitest';
import { revealFault, secretDigest, secretOf } from '../../src/core/hash/prompt-secret.ts';

const reveal = { validator: '5GrwvaEF', period: 7, secret: secretOf(new Uint8Array(32).fill(9)) };
const anchored = { validator: '5GrwvaEF', period: 7, digest: secretDigest(reveal), block: 100 };

describe("a validator's secret", () => {
  it('proves that it was fixed before the block that seeds the prompts', () => {
    expect(revealFault(anchored, reveal, 101)).toBeNull();
  });

  it.each([
    ['anchored in the very block', anchored, reveal, 100, 'anchored_too_late'],
    ['anchored after it', anchored, reveal, 99, 'anchored_too_late'],
    ['another secret', anchored, { ...reveal, secret: 'ff'.repeat(32) }, 101, 'wrong_digest'],
    ["another validator's digest", { ...anchored, validator: '5FHneW46' }, reveal, 101, 'other_validator'],
    ['copied', { ...anchored, validator: '5FHneW46' }, { ...reveal, validator: '5FHneW46' }, 101, 'wrong_digest'],
    ['of another period', anchored, { ...reveal, period: 8 }, 101, 'other_period'],
    ['used again', { ...anchored, period: 8 }, { ...reveal, period: 8 }, 101, 'wrong_digest'],
    ['not hex', anchored, { ...reveal, secret: 'A'.repeat(64) }, 101, 'not_a_secret'],
  ])('%s proves nothing', (_, onChain, published, seedBlock, fault) => {
    expect(revealFault(onChain, published, seedBlock)).toBe(fault);
  });

  it('has 32 bytes', () => {
    expect(() => secretOf(new Uint8Array(31))).toThrow('32 bytes');
    expect(() => secretDigest({ ...reveal, secret: 'short' })).toThrow('64 lower-case');
  });
});
