import { compactFromU8aLim } from '@polkadot/util';
import { ProofInvalidError } from './errors.ts';

/** One node of Substrate's base-16 trie, as the Polkadot specification has it ("State Storage", Node Header and Subvalue). */
export interface TrieNode {
  /** Nibbles below the parent's branch, in hex. */
  partial: string;
  /** The value itself, or the BLAKE2-256 of it where it has 33 bytes or more and the trie is of version 1. */
  value: { bytes: Uint8Array; hashed: boolean } | null;
  /** By nibble: an encoded node of fewer than 32 bytes, or the BLAKE2-256 of one. Empty for a leaf. */
  children: (Uint8Array | undefined)[];
}

/** Kinds of nodes by the leading bits of their first byte, and how many bits of it are left for the number of nibbles. */
const KINDS = [
  { lead: 0b01, bits: 2, branch: false, value: 'plain' },
  { lead: 0b10, bits: 2, branch: true, value: 'none' },
  { lead: 0b11, bits: 2, branch: true, value: 'plain' },
  { lead: 0b001, bits: 3, branch: false, value: 'hashed' },
  { lead: 0b0001, bits: 4, branch: true, value: 'hashed' },
] as const;

/** Reads a node; null for the empty trie's. Throws ProofInvalidError for what is none. */
export function decodeNode(bytes: Uint8Array): TrieNode | null {
  const reader = new Reader(bytes);
  const first = reader.byte();
  if (first === 0 && bytes.length === 1) return null;
  const kind = KINDS.find(({ lead, bits }) => first >> (8 - bits) === lead);
  if (kind === undefined) throw new ProofInvalidError(`a node begins with ${first}, which none does`);
  const most = 255 >> kind.bits;
  let nibbles = first & most;
  if (nibbles === most) {
    let more: number;
    do {
      more = reader.byte();
      nibbles += more;
    } while (more === 255);
  }
  const packed = Buffer.from(reader.take(Math.ceil(nibbles / 2))).toString('hex');
  const partial = packed.slice(packed.length - nibbles);
  const present = kind.branch ? reader.byte() | (reader.byte() << 8) : 0;
  const value =
    kind.value === 'none'
      ? null
      : kind.value === 'hashed'
        ? { bytes: reader.take(32), hashed: true }
        : { bytes: reader.sized(), hashed: false };
  const children = Array.from({ length: kind.branch ? 16 : 0 }, (_, nibble) =>
    (present >> nibble) & 1 ? reader.sized() : undefined,
  );
  reader.end();
  return { partial, value, children };
}

class Reader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  byte(): number {
    return this.take(1)[0] ?? 0;
  }

  take(count: number): Uint8Array {
    const end = this.#at + count;
    if (end > this.#bytes.length) throw new ProofInvalidError('a node ends early');
    const taken = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return taken;
  }

  /** Bytes behind their SCALE-compact length. */
  sized(): Uint8Array {
    const rest = this.#bytes.subarray(this.#at);
    const first = rest[0];
    if (first === undefined || (first & 3) === 3) throw new ProofInvalidError('a length in a node is none');
    if (rest.length < [1, 2, 4][first & 3]!) throw new ProofInvalidError('a node ends early');
    const [prefix, length] = compactFromU8aLim(rest);
    this.#at += prefix;
    return this.take(length);
  }

  end(): void {
    if (this.#at !== this.#bytes.length) throw new ProofInvalidError('a node has bytes left over');
  }
}
