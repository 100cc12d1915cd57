import type { Claim } from '../core/claim.ts';
import { InvalidInputError } from '../core/errors.ts';

const FORM = /^(\d+):(\d+):(\d+):([1-9A-HJ-NP-Za-km-z]+)$/;

/** A claim as Redis keeps it: `block:event:registered:hotkey`. `commands/claim-keys.lua` reads the same form. */
export function printClaim(claim: Claim): string {
  const text = `${claim.block}:${claim.event}:${claim.registered}:${claim.hotkey}`;
  if (!FORM.test(text)) throw new InvalidInputError(`not a claim: ${text}`, { claim });
  return text;
}

export function parseClaim(text: string): Claim {
  const [, block, event, registered, hotkey] = FORM.exec(text) ?? [];
  if (hotkey === undefined) throw new InvalidInputError(`not a claim: ${text}`);
  return { block: Number(block), event: Number(event), hotkey, registered: Number(registered) };
}
