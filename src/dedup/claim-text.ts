import type { Claim } from '../core/claim.ts';
import { InvalidInputError } from '../core/errors.ts';

const FORM = /^(\d+):([1-9A-HJ-NP-Za-km-z]+)$/;

/** Whose a claim is, as Redis keeps it beside the claim's place: `registered:hotkey`. */
export function printHolder(claim: Pick<Claim, 'registered' | 'hotkey'>): string {
  const text = `${claim.registered}:${claim.hotkey}`;
  if (!FORM.test(text)) throw new InvalidInputError(`no holder of a claim: ${text}`, { claim });
  return text;
}

export function parseHolder(text: string): Pick<Claim, 'registered' | 'hotkey'> {
  const [, registered, hotkey] = FORM.exec(text) ?? [];
  if (hotkey === undefined) throw new InvalidInputError(`no holder of a claim: ${text}`);
  return { hotkey, registered: Number(registered) };
}
