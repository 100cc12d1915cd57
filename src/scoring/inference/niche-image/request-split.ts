/** How many of a validator's requests of an interval are synthetic and how many are kept for its customers. */
export interface RequestSplit {
  synthetic: number;
  organic: number;
}

/**
 * s = max(1, floor(.8 r) - 1), then s = max(r - s, s), of `requests`; the rest is organic. Source: NicheImage's validator, public code.
 */
export function splitRequests(requests: number): RequestSplit {
  if (requests === 0) return { synthetic: 0, organic: 0 };
  const wanted = Math.max(1, Math.floor((requests * 8) / 10) - 1);
  const synthetic = Math.max(requests - wanted, wanted);
  return { synthetic, organic: requests - synthetic };
}
