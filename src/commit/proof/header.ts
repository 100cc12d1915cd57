import { compactFromU8a } from '@polkadot/util';
import { ProofInvalidError } from './errors.ts';

/**
 * The parts of a header in SCALE that proofs rest on: after the parent's hash come number (compact), state root and extrinsics root. Throws
 * ProofInvalidError.
 */
export function decodeHeader(header: Uint8Array): {
  number: number;
  stateRoot: Uint8Array;
  extrinsicsRoot: Uint8Array;
} {
  if (header.length < HASH_BYTES + 1) throw new ProofInvalidError('the header ends early');
  const [size, number] = compactFromU8a(header.subarray(HASH_BYTES));
  const roots = header.subarray(HASH_BYTES + size);
  if (roots.length <= 2 * HASH_BYTES) throw new ProofInvalidError('the header ends early');
  const [stateRoot, extrinsicsRoot] = [roots.subarray(0, HASH_BYTES), roots.subarray(HASH_BYTES, 2 * HASH_BYTES)];
  return { number: Number(number), stateRoot, extrinsicsRoot };
}

const HASH_BYTES = 32;
