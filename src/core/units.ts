/** One whole, in parts per million: shares, weights and parameters are integers of these. */
export const PPM = 1_000_000;

/** One whole, in parts per billion: what weights are computed in. */
export const PPB = 1_000_000_000;

/** RAO in a TAO, and in one of a subnet's alpha: the chain counts stake and fees in RAO. */
export const RAO_PER_TAO = 1_000_000_000n;
