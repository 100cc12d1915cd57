import { SeineError } from '../../core/errors.ts';

/** Bytes that are no time-locked ciphertext, or one that was damaged or not made by the rules. */
export class BadCiphertextError extends SeineError {
  constructor(reason: string, details: Readonly<Record<string, unknown>> = {}) {
    super('BadCiphertext', `not a time-locked ciphertext: ${reason}`, { details });
  }
}

/** A signature that does not open a ciphertext: it belongs to another round or another beacon, or is no signature. */
export class WrongRoundError extends SeineError {
  constructor(reason: string) {
    super('WrongRound', `${reason}: decrypt with the signature of the round and beacon that it was encrypted to`);
  }
}
