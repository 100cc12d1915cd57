import type { Signer } from '../../core/chain.ts';

/** The part of a key pair that a signer is made of. */
export interface KeyPair {
  readonly address: string;
  sign(message: Uint8Array): Uint8Array;
}

/** A signer that shows its address and nothing of the pair behind it. */
export function toSigner(pair: KeyPair): Signer {
  const { address } = pair;
  return Object.freeze({ address, sign: (message: Uint8Array): Uint8Array => pair.sign(message) });
}
