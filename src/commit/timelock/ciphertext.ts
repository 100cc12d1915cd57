import { u8aConcat } from '@polkadot/util';
import { BadCiphertextError } from './errors.ts';

/** What `tle` writes, field by field. */
export interface TimelockCiphertext {
  /** U, a compressed point of G2: 96 bytes. */
  u: Uint8Array;
  /** V, 32 bytes. */
  v: Uint8Array;
  /** W, 32 bytes: the body's key, masked. */
  w: Uint8Array;
  /** AES-256-GCM of the plaintext, its tag of 16 bytes last. */
  sealed: Uint8Array;
  /** 12 bytes. */
  nonce: Uint8Array;
}

/** How many bytes longer a ciphertext is than its plaintext. */
export const CIPHERTEXT_OVERHEAD_BYTES = 244;

/**
 * The bytes of a ciphertext as arkworks' `CanonicalSerialize` writes `TLECiphertext`: U as it is, then V, W, the body and the name of the
 * cipher suite each behind their length (u64, little-endian); the body is the same of the sealed bytes and the nonce.
 */
export function encodeCiphertext({ u, v, w, sealed, nonce }: TimelockCiphertext): Uint8Array {
  const body = u8aConcat(lengthAnd(sealed), lengthAnd(nonce));
  return u8aConcat(u, lengthAnd(v), lengthAnd(w), lengthAnd(body), lengthAnd(SUITE));
}

/** Reads a ciphertext. BadCiphertextError for lengths that don't fit and, as Subtensor's Commitments pallet has it, bytes left over. */
export function decodeCiphertext(bytes: Uint8Array): TimelockCiphertext {
  const reader = new Reader(bytes);
  const u = reader.take(U_BYTES, 'U');
  const v = reader.takeSized('V', MASK_BYTES);
  const w = reader.takeSized('W', MASK_BYTES);
  const body = new Reader(reader.takeSized('its body'));
  // The suite is named but never read by `tle`: what it holds decides nothing.
  reader.takeSized('the cipher suite');
  reader.end();
  const sealed = body.takeSized('the sealed bytes');
  const nonce = body.takeSized('the nonce', NONCE_BYTES);
  return { u, v, w, sealed, nonce };
}

class Reader {
  private readonly bytes: Uint8Array;
  private offset = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  take(size: number, what: string): Uint8Array {
    const left = this.bytes.length - this.offset;
    if (size > left) throw new BadCiphertextError(`${what} needs ${size} bytes of the ${left} left`, { size, left });
    this.offset += size;
    return this.bytes.subarray(this.offset - size, this.offset);
  }

  takeSized(what: string, expected?: number): Uint8Array {
    const size = Number(Buffer.from(this.take(8, `the length of ${what}`)).readBigUInt64LE());
    if (expected !== undefined && size !== expected) {
      throw new BadCiphertextError(`${what} has ${size} bytes, not ${expected}`, { size, expected });
    }
    return this.take(size, what);
  }

  end(): void {
    const left = this.bytes.length - this.offset;
    if (left > 0) throw new BadCiphertextError(`${left} bytes follow its end`, { left });
  }
}

function lengthAnd(bytes: Uint8Array): Uint8Array {
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(bytes.length));
  return u8aConcat(length, bytes);
}

const U_BYTES = 96;
const MASK_BYTES = 32;
const NONCE_BYTES = 12;
const SUITE = Buffer.from('AES_GCM_');
