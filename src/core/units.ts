/** One whole, in parts per million: shares, weights and parameters are integers of these. */
export const PPM = 1_000_000;

/** One whole, in parts per billion: what weights are computed in. */
export const PPB = 1_000_000_000;
