import { hexToU8a } from '@polkadot/util';
import { describe, expect, it } from 'vitest';
import { developmentBeacon, roundsBetween } from '../../chain/beacon.ts';
import { timeOfRound } from '../../src/core/drand/beacon.ts';
import { verifyRound } from '../../src/core/drand/signature.ts';

describe('the development beacon', () => {
  const beacon = developmentBeacon({ genesisSeconds: 1000, periodSeconds: 10 });
  const timeMs = (round: number) => timeOfRound(beacon, round) * 1000;

  it('signs any round', () => {
    const { round, signature } = beacon.pulse(7);
    expect(verifyRound(beacon, round, hexToU8a(signature))).toBe(true);
    expect(verifyRound(beacon, round + 1, hexToU8a(signature))).toBe(false);
  });

  it('is another with another secret', () => {
    const other = developmentBeacon({ secret: `0x${'07'.repeat(32)}` });
    expect(other.publicKey).not.toEqual(beacon.publicKey);
    expect(verifyRound(other, 7, hexToU8a(beacon.pulse(7).signature))).toBe(false);
  });

  it('brings the rounds whose time has come since the block before', () => {
    expect(roundsBetween(beacon, timeMs(3), timeMs(5))).toEqual([4, 5]);
    expect(roundsBetween(beacon, timeMs(3), timeMs(4) - 1)).toEqual([]);
    expect(roundsBetween(beacon, 0, timeMs(9))).toEqual([9]);
    expect(roundsBetween(beacon, 1, 2)).toEqual([]);
    const many = roundsBetween(beacon, timeMs(1), timeMs(500));
    expect([many.length, many[0], many.at(-1)]).toEqual([50, 451, 500]);
  });
});
