import { PPM } from '../../core/units.ts';

/** One whole, in parts per trillion. */
const PPT = 1_000_000_000_000;

/*
 * Where floats become whole numbers, on which grades are made: the nearest.
 */

/** Parts per million of a probability that is given as its natural logarithm. */
export function ppmOfLogprob(logprob: number): number {
  return Math.round(PPM * Math.min(Math.exp(logprob), 1));
}

/** Parts per trillion of a probability that is given as its natural logarithm; 0 where none is known. */
export function pptOfLogprob(logprob: number | null): number {
  return logprob === null ? 0 : Math.round(PPT * Math.min(Math.exp(logprob), 1));
}

/** Parts per million of a cosine, negative ones too. */
export function ppmOfCosine(cosine: number): number {
  return Math.round(PPM * Math.min(Math.max(cosine, -1), 1));
}
