/** A nonce this much older than the sender's time-out is stale. Source: the SDK's own server. */
const STALE_AFTER_NS = 4_000_000_000n;
/** How far a sender's clock may run ahead of ours: as far as for Epistula. The SDK has no such bound. */
const AHEAD_NS = 5_000_000_000n;

/** Whether a nonce (nanoseconds since 1970) lies in the time in which it may be used; a nonce at the edge is stale. */
export function nonceAge(nonce: bigint, nowNs: bigint, timeoutMs: number): 'fresh' | 'stale' | 'in_future' {
  if (nonce > nowNs + AHEAD_NS) return 'in_future';
  return nonce > nowNs - STALE_AFTER_NS - milliseconds(timeoutMs) ? 'fresh' : 'stale';
}

/** When a nonce is stale for a receiver whose longest time-out is `timeoutMs`: milliseconds since 1970, rounded up. */
export function nonceExpiryMs(nonce: bigint, timeoutMs: number): number {
  return Number((nonce + STALE_AFTER_NS + milliseconds(timeoutMs)) / 1_000_000n) + 1;
}

/** The highest nonce of each endpoint (`hotkey:uuid`). Must outlive the process: a restart must not make old requests fresh again. */
export interface SynapseNonces {
  /**
   * Whether `nonce` is above all before it of this endpoint; if so, it is the highest from now on, until `expiresAtMs` at least: whatever is below it is
   * stale by then. One caller only is told true.
   */
  advance(endpoint: string, nonce: bigint, expiresAtMs: number): Promise<boolean>;
}

/** Nonces of a sender: the time by its clock (`now`, milliseconds since 1970), each above all before it. */
export function createNonceSource(now: () => number): () => bigint {
  let last = 0n;
  return () => {
    const next = milliseconds(now());
    last = next > last ? next : last + 1n;
    return last;
  };
}

function milliseconds(ms: number): bigint {
  return BigInt(Math.round(ms)) * 1_000_000n;
}
