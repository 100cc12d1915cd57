import { PPB, PPM } from '../core/units.ts';

/** A part of the subnet's emission, given out by scores of its own. */
export interface EmissionPool {
  name: string;
  /** Parts per million of the whole; those of all pools add up to 1,000,000. */
  share_ppm: number;
}

/** A uid's part of one pool. */
export interface PoolWeight {
  pool: string;
  uid: number;
  /** Parts per billion of the pool. */
  weight_ppb: number;
}

/** A uid's part of everything that a validator gives out. */
export interface UidWeight {
  uid: number;
  weight_ppb: number;
}

/**
 * A uid's weight: the sum over pools of the pool's share times the uid's normalised score there. The share of a pool in which nobody
 * scored goes to `burnUid`, the subnet owner's, whose emission is burnt; where there is none it is given to nobody, which
 * leaves it to the other pools when weights are normalised. Integers; rounding is down.
 */
export function emissionWeights(
  pools: readonly EmissionPool[],
  scores: readonly PoolWeight[],
  burnUid: number | null,
): UidWeight[] {
  const weights = new Map<number, number>();
  const give = (uid: number, ppb: number): void => void weights.set(uid, (weights.get(uid) ?? 0) + ppb);
  for (const { name, share_ppm } of pools) {
    const earning = scores.filter(({ pool, weight_ppb }) => pool === name && weight_ppb > 0);
    if (earning.length === 0 && burnUid !== null) give(burnUid, share_ppm * (PPB / PPM));
    for (const { uid, weight_ppb } of earning) give(uid, Math.floor((share_ppm * weight_ppb) / PPM));
  }
  return [...weights].map(([uid, weight_ppb]) => ({ uid, weight_ppb })).sort((a, b) => a.uid - b.uid);
}
