import type { Claim } from '../core/claim.ts';
import { InvalidInputError } from '../core/errors.ts';

/** Bytes of a claim's place. */
export const PLACE_BYTES = 6;

const EVENT_BITS = 20;
const MAX_BLOCK = 2 ** (PLACE_BYTES * 8 - EVENT_BITS) - 1;
const MAX_EVENT = 2 ** EVENT_BITS - 1;

/**
 * A claim's block and event as 6 bytes that sort as claims do: 28 bits of block (102 years of 12 seconds), 20 of event. A block has each
 * event once, so that on a chain's final blocks they name hotkey and registration as well.
 */
export function placeOfClaim({ block, event }: Pick<Claim, 'block' | 'event'>): Buffer {
  if (
    !Number.isInteger(block) ||
    block < 0 ||
    block > MAX_BLOCK ||
    !Number.isInteger(event) ||
    event < 0 ||
    event > MAX_EVENT
  ) {
    throw new InvalidInputError(`no place in a chain: block ${block}, event ${event}`, { block, event });
  }
  const place = Buffer.alloc(PLACE_BYTES);
  place.writeUIntBE(block * 2 ** EVENT_BITS + event, 0, PLACE_BYTES);
  return place;
}

export function readPlace(bytes: Buffer): { block: number; event: number } {
  const number = bytes.readUIntBE(0, PLACE_BYTES);
  return { block: Math.floor(number / 2 ** EVENT_BITS), event: number % 2 ** EVENT_BITS };
}
