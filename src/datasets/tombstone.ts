import { canonicalJson } from '../core/canonical-json.ts';
import type { Signer } from '../core/chain.ts';
import { InvalidInputError } from '../core/errors.ts';
import { sha256Hex } from '../core/hash/sha256.ts';
import type { Digest } from '../core/manifest.ts';

/**
 * A row that was withdrawn: signed, kept in every later version's manifest, and naming the row by digests alone, because what is
 * withdrawn should not be repeated.
 */
export interface Tombstone {
  /** Name of the dataset's recipe. */
  dataset: string;
  /** Digest of the manifest of the last version that had the row. */
  base: Digest;
  /** SHA-256 of the row's id. */
  id_sha256: Digest;
  /** The row's leaf as committed. */
  leaf: Digest;
  /** Why, in a few words for everybody to read. */
  reason: string;
  /** SS58 address. */
  signer: string;
  /** sr25519 over `tombstoneMessage`, 128 hex characters. */
  signature: string;
}

export async function signTombstone(
  signer: Signer,
  row: { id: string; leaf: Digest },
  about: { dataset: string; base: Digest; reason: string },
): Promise<Tombstone> {
  const unsigned = { ...about, id_sha256: sha256Hex(row.id), leaf: row.leaf, signer: signer.address };
  const signature = await signer.sign(tombstoneMessage(unsigned));
  return { ...unsigned, signature: Buffer.from(signature).toString('hex') };
}

/** @throws InvalidInputError where it isn't its signer's */
export async function assertTombstone(tombstone: Tombstone): Promise<void> {
  const { signature, ...unsigned } = tombstone;
  const { cryptoWaitReady, decodeAddress, sr25519Verify } = await import('@polkadot/util-crypto');
  await cryptoWaitReady();
  let holds = false;
  try {
    const message = tombstoneMessage(unsigned);
    holds = sr25519Verify(message, Buffer.from(signature, 'hex'), decodeAddress(unsigned.signer));
  } catch {
    // An address that is none has signed nothing.
  }
  if (!holds)
    throw new InvalidInputError(`the tombstone of ${tombstone.id_sha256} is not signed by ${tombstone.signer}`);
}

/** What is signed: a line that says what it is, then the canonical JSON of all else. */
function tombstoneMessage(unsigned: Omit<Tombstone, 'signature'>): Uint8Array {
  return new TextEncoder().encode(`seine-tombstone-1\n${canonicalJson(unsigned)}`);
}
