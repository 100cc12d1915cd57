/**
 * A claim's place in time (DESIGN.md, rule 1): the smaller claim wins, whatever order claims are processed in. `registered`
 * is the block of the hotkey's registration, so that a re-registered hotkey is another claimant.
 */
export interface Claim {
  block: number;
  /** Index of the commitment's event within its block. */
  event: number;
  hotkey: string;
  registered: number;
}

/** Negative when `a` is first. */
export function compareClaims(a: Claim, b: Claim): number {
  return (
    a.block - b.block ||
    a.event - b.event ||
    (a.hotkey < b.hotkey ? -1 : a.hotkey > b.hotkey ? 1 : 0) ||
    a.registered - b.registered
  );
}
