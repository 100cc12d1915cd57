import { describe, expect, it } from 'vitest';
import { aboutMinutes, blockMs } from '../../src/cli/block-time.ts';
import { formatTao, taoAmount } from '../../src/cli/tao.ts';

describe('amounts', () => {
  it.each([
    ['1', 1_000_000_000n, '1'],
    ['1.5', 1_500_000_000n, '1.5'],
    ['0.000000001', 1n, '0.000000001'],
    ['21000000.000000001', 21_000_000_000_000_001n, '21000000.000000001'],
    ['10.500', 10_500_000_000n, '10.5'],
  ])('%s TAO are %i RAO', (text, rao, shown) => {
    expect(taoAmount(text)).toBe(rao);
    expect(formatTao(rao)).toBe(shown);
  });

  it.each(['', '0', '0.0', '-1', '1e3', '1,5', '.5', '1.', 'all', '1.0000000001'])('"%s" is none', (text) => {
    expect(() => taoAmount(text)).toThrow(/amount/);
  });
});

describe('block time', () => {
  it('is measured by the chain, or the usual one where the chain is young', async () => {
    const chainAt = (number: number) => ({
      head: () => Promise.resolve({ number, hash: `0x${number}` }),
      blockHash: (block: number) => Promise.resolve(`0x${block}`),
      timestamp: (hash: string) => Promise.resolve(Number(hash.slice(2)) * 1_500_000),
    });
    expect(await blockMs(chainAt(100))).toBe(1500);
    expect(await blockMs(chainAt(20))).toBe(12_000);
  });

  it.each([
    [0, 'within a minute'],
    [-5, 'within a minute'],
    [5, 'in about a minute'],
    [300, 'in about 60 minutes'],
  ])('%i blocks of 12 s take %s', (blocks, expected) => {
    expect(aboutMinutes(blocks, 12_000)).toBe(expected);
  });
});
