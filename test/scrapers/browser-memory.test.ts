import { describe, expect, it } from 'vitest';
import { memoryOf, parseStatus, residentBytes } from '../../src/scrapers/browser/memory.ts';

const STATUS =
  'Name:\tchrome\nVmRSS:\t  300 kB\nRssAnon:\t     100 kB\nRssFile:\t     180 kB\nRssShmem:\t      20 kB\n';

describe('memory of processes', () => {
  it('is read from what the kernel says of each', () => {
    expect(parseStatus(7, STATUS)).toEqual({ pid: 7, ownBytes: 122_880, fileBytes: 184_320 });
    expect(parseStatus(7, 'Name:\tkthreadd\n')).toBeNull();
  });

  it('counts what they share once', () => {
    const one = { pid: 1, ownBytes: 10, fileBytes: 100 };
    expect(residentBytes([one, { pid: 2, ownBytes: 20, fileBytes: 90 }])).toBe(130);
    expect(residentBytes([])).toBe(0);
  });

  it('leaves out those that are gone', async () => {
    expect(await memoryOf([2 ** 30])).toEqual([]);
  });
});
