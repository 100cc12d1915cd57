import { describe, expect, it } from 'vitest';
import { drawSample, sampleSeed, splitSample } from '../../src/scoring/sample.ts';

const ids = Array.from({ length: 200 }, (_, index) => `web:${index}`);

describe('a sample', () => {
  it('is fixed by its seed, whatever the order of rows', () => {
    const seed = sampleSeed('0x01', 'validator', 'miner', 'digest');
    expect(drawSample(seed, ids, 30)).toEqual(drawSample(seed, [...ids].reverse(), 30));
    expect(new Set(drawSample(seed, ids, 30)).size).toBe(30);
  });

  it('is another for each validator, miner, block and manifest', () => {
    const seeds = [
      sampleSeed('0x01', 'v', 'm', 'd'),
      sampleSeed('0x02', 'v', 'm', 'd'),
      sampleSeed('0x01', 'w', 'm', 'd'),
      sampleSeed('0x01', 'v', 'n', 'd'),
      sampleSeed('0x01', 'v', 'm', 'e'),
    ];
    expect(new Set(seeds.map((seed) => drawSample(seed, ids, 10).join())).size).toBe(5);
  });

  it.each([
    [100, 100, { payable: 24, others: 6 }],
    [20, 200, { payable: 20, others: 10 }],
    [100, 0, { payable: 30, others: 0 }],
    [100, 2, { payable: 28, others: 2 }],
    [3, 4, { payable: 3, others: 4 }],
  ])('goes mostly to rows that would pay: %d payable, %d others', (payable, others, expected) => {
    expect(splitSample(payable, others, 30, 800_000)).toEqual(expected);
  });
});
