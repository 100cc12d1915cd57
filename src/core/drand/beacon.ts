/**
 * A drand beacon of the unchained scheme `bls-unchained-g1-rfc9380`: each round's signature is the BLS signature of its number, so it
 * can be checked, and encrypted to, without the round before it.
 */
export interface Beacon {
  /** Compressed point of G2, 96 bytes. */
  publicKey: Uint8Array;
  /** Unix time of round 1, in seconds. */
  genesisSeconds: number;
  /** Seconds from one round to the next. */
  periodSeconds: number;
}

/** The beacon that Bittensor reveals by: drand's quicknet, chain hash 52db9ba7…e971. */
export const QUICKNET: Beacon = {
  publicKey: fromHex(
    '83cf0f2896adee7eb8b5f01fcad3912212c437e0073e911fb90022d3e760183c' +
      '8c4b450b6a0a6c3ac6a5776a2d1064510d1fec758c921cc22b0e17e63aaf4bcb' +
      '5ed66304de9cf809bd274ca73bab4af5a6e9c76a4bc09e76eae8991ef5ece45a',
  ),
  genesisSeconds: 1_692_803_367,
  periodSeconds: 3,
};

/** The newest round whose signature is out at a Unix time in seconds; 0 before the beacon's first. */
export function roundAt(beacon: Beacon, unixSeconds: number): number {
  return Math.max(0, Math.floor((unixSeconds - beacon.genesisSeconds) / beacon.periodSeconds) + 1);
}

/** Unix time, in seconds, at which a round's signature comes out. Rounds count from 1. */
export function timeOfRound(beacon: Beacon, round: number): number {
  return beacon.genesisSeconds + (round - 1) * beacon.periodSeconds;
}

function fromHex(text: string): Uint8Array {
  return Uint8Array.from(text.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
}
