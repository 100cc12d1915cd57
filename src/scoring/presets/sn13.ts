import { PPB, PPM } from '../../core/units.ts';
import { powerPpb } from '../fixed-power.ts';
import { mulDiv } from '../mul-div.ts';
import type { Earning, Supplier } from '../supplier.ts';

/** What SN13's formula makes of a miner's rows. */
export interface Sn13Reasons {
  formula: 'sn13';
  /** Size of its part of the bucket, which is the pool: rows by their jobs' weights, in millionths. */
  size_ppm: number;
  /** Sizes of all miners' parts together. */
  bucket_ppm: number;
  /** size² / bucket. */
  value_ppm: number;
  credibility_ppm: number;
}

const MAX_AGE_HOURS = 720;
const CREDIBILITY_EXPONENT_MILLI = 2500;
/** Of a source's weight, for a row that no job names. */
const DEFAULT_SCALE_PPM = 500_000;

/**
 * SN13's value of a miner's part of a bucket: its size squared over the sizes of all parts. Source: the miner scorer of SN13's public code.
 * Units are those of `size`; rounded down.
 */
export function sn13BucketValue(size: number, bucket: number): number {
  return bucket === 0 ? 0 : mulDiv(size, size, bucket);
}

/** SN13's age factor in parts per million: 1 - hours/1440, and 0 beyond 720 hours. */
export function sn13AgeFactorPpm(hours: number): number {
  return hours > MAX_AGE_HOURS ? 0 : PPM - Math.floor((hours * PPM) / (2 * MAX_AGE_HOURS));
}

/**
 * SN13's value of bytes by their source, job and age, in millionths of a byte. A job's weight may be negative; bytes that no job names weigh by the
 * default scale.
 * @param jobWeightPpm null where no job names them
 */
export function sn13JobValue(
  bytes: number,
  sourceWeightPpm: number,
  jobWeightPpm: number | null,
  hours: number,
): number {
  const weight = BigInt(sourceWeightPpm) * BigInt(jobWeightPpm ?? DEFAULT_SCALE_PPM);
  return Number((BigInt(bytes) * weight * BigInt(sn13AgeFactorPpm(hours))) / BigInt(PPM) ** 2n);
}

/** What credibility multiplies a value by: its power of 2.5, in parts per billion. */
export function sn13CredibilityFactorPpb(credibilityPpm: number): number {
  return Number(powerPpb(BigInt(credibilityPpm), BigInt(PPM), CREDIBILITY_EXPONENT_MILLI));
}

/** SN13's score of each miner in a pool, which is one bucket; ages are not claimed, so none counts. */
export function sn13Earnings(suppliers: readonly Supplier[]): Earning<Sn13Reasons>[] {
  const sizes = suppliers.map(({ miner, pool }) => miner.payable_ppm[pool] ?? 0);
  const bucket = sizes.reduce((sum, size) => sum + size, 0);
  return suppliers.map(({ record }, index) => {
    const size = sizes[index] ?? 0;
    const value = sn13BucketValue(size, bucket);
    return {
      earned: mulDiv(value, sn13CredibilityFactorPpb(record.credibility_ppm), PPB),
      reasons: {
        ...{ formula: 'sn13', size_ppm: size, bucket_ppm: bucket, value_ppm: value },
        credibility_ppm: record.credibility_ppm,
      },
    };
  });
}
