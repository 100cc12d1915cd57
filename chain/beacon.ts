import { createHash } from 'node:crypto';
import { hexToU8a, stringToU8a, u8aToHex } from '@polkadot/util';
import type { HexString } from '@polkadot/util/types';
import { QUICKNET, roundAt, type Beacon } from '../src/core/drand/beacon.ts';
import { beaconPublicKey, signRound } from '../src/core/drand/signature.ts';

/** A drand beacon of the chain's own. What is left out is as in drand's quicknet, whose future signatures nobody can make. */
export interface BeaconOptions {
  /** Secret key: 32 bytes in hex. @default a key that everyone knows */
  secret?: HexString;
  /** Unix time of round 1. @default 1692803367 */
  genesisSeconds?: number;
  /** @default 3 */
  periodSeconds?: number;
}

/** A round as the Drand pallet stores it. */
export interface Pulse {
  round: number;
  /** SHA-256 of the signature. */
  randomness: HexString;
  signature: HexString;
}

export interface DevelopmentBeacon extends Beacon {
  pulse(round: number): Pulse;
}

const DEVELOPMENT_SECRET: HexString = `0x${'5e'.repeat(31)}01`;
/** Most rounds that a block brings, as on Subtensor. */
const MAX_ROUNDS = 50;

export function developmentBeacon(options: BeaconOptions = {}): DevelopmentBeacon {
  const secret = hexToU8a(options.secret ?? DEVELOPMENT_SECRET);
  let publicKey: Uint8Array | undefined;
  return {
    // Takes 200 ms, and is asked for only when a chain begins.
    get publicKey() {
      return (publicKey ??= beaconPublicKey(secret));
    },
    genesisSeconds: options.genesisSeconds ?? QUICKNET.genesisSeconds,
    periodSeconds: options.periodSeconds ?? QUICKNET.periodSeconds,
    pulse: (round) => {
      const signature = signRound(secret, round);
      return { round, randomness: sha256(signature), signature: u8aToHex(signature) };
    },
  };
}

/**
 * Rounds whose time came after a block's time and up to another's, in milliseconds; the newest where there are too many. The
 * chain's first block brings the one that is out.
 */
export function roundsBetween(beacon: Beacon, parentMs: number, nowMs: number): number[] {
  const last = roundAt(beacon, nowMs / 1000);
  const before = parentMs === 0 ? last - 1 : roundAt(beacon, parentMs / 1000);
  const first = Math.max(before + 1, last - MAX_ROUNDS + 1, 1);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index);
}

/** The beacon in the names of the Drand pallet's genesis. */
export function beaconConfig(beacon: Beacon): object {
  return {
    public_key: [...beacon.publicKey],
    period: beacon.periodSeconds,
    genesis_time: beacon.genesisSeconds,
    hash: [...hexToU8a(sha256(beacon.publicKey))],
    group_hash: [],
    scheme_id: [...stringToU8a('bls-unchained-g1-rfc9380')],
    metadata: { beacon_id: [...stringToU8a('development')] },
  };
}

function sha256(bytes: Uint8Array): HexString {
  return u8aToHex(createHash('sha256').update(bytes).digest());
}
