/** A nonce this much older than the sender's time-out is stale. Source: the SDK's own server. */
const STALE_AFTER_NS = 4_000_000_000n;
/** How far a sender's clock may run ahead of ours: as far as for Epistula. The SDK has no such bound. */
const AHEAD_NS = 5_000_000_000n;
/** Endpoints kept in order; the one that was quiet for longest is forgotten, and only its order with it. */
const MOST_ENDPOINTS = 10_000;

/** Whether a nonce (nanoseconds since 1970) lies in the time in which it may be used; a nonce at the edge is stale. */
export function nonceAge(nonce: bigint, nowNs: bigint, timeoutMs: number): 'fresh' | 'stale' | 'in_future' {
  if (nonce > nowNs + AHEAD_NS) return 'in_future';
  return nonce > nowNs - STALE_AFTER_NS - milliseconds(timeoutMs) ? 'fresh' : 'stale';
}

/** When a nonce is stale for a receiver whose longest time-out is `timeoutMs`: milliseconds since 1970, rounded up. */
export function nonceExpiryMs(nonce: bigint, timeoutMs: number): number {
  return Number((nonce + STALE_AFTER_NS + milliseconds(timeoutMs)) / 1_000_000n) + 1;
}

/** The highest nonce of each endpoint (`hotkey:uuid`) since this process began. Guards order; replays are SeenIds' part. */
export class SynapseNonces {
  #highest = new Map<string, bigint>();

  /** Whether `nonce` is above all before it of this endpoint; if so, it is the highest from now on. */
  advance(endpoint: string, nonce: bigint): boolean {
    const highest = this.#highest.get(endpoint);
    if (highest !== undefined && nonce <= highest) return false;
    this.#highest.delete(endpoint);
    this.#highest.set(endpoint, nonce);
    const [quietest] = this.#highest.keys();
    if (this.#highest.size > MOST_ENDPOINTS && quietest !== undefined) this.#highest.delete(quietest);
    return true;
  }
}

function milliseconds(ms: number): bigint {
  return BigInt(Math.round(ms)) * 1_000_000n;
}
