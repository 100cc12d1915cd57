import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatIp, parseIp } from '../../src/commit/subtensor/ip.ts';

describe('axon addresses', () => {
  it.each([
    ['127.0.0.1', 0x7f000001n, 4],
    ['::1', 1n, 6],
    ['2001:db8::ff00:42:8329', 0x20010db8000000000000ff0000428329n, 6],
    ['1:2:3:4:5:6:7:8', 0x00010002000300040005000600070008n, 6],
  ] as const)('%s is %s', (text, ip, ipType) => {
    expect(parseIp(text)).toEqual({ ip, ipType });
    expect(formatIp(ip, ipType)).toBe(text);
  });

  it('come back from their numbers', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (text) => {
        const { ip, ipType } = parseIp(text);
        expect(parseIp(formatIp(ip, ipType))).toEqual({ ip, ipType });
      }),
    );
  });

  it.each(['example.com', '300.1.1.1', 'fe80::1%eth0', ''])('refuses %j', (text) => {
    expect(() => parseIp(text)).toThrow(expect.objectContaining({ name: 'InvalidInput' }));
  });
});
