import { canonicalJson } from '../core/canonical-json.ts';
import type { Signer } from '../core/chain.ts';

/** A value with its author's signature over its canonical JSON: sr25519, 128 hex characters. */
export type Signed<T extends object> = T & { signature: string };

export async function signJson<T extends object>(value: T, signer: Signer): Promise<Signed<T>> {
  const signature = await signer.sign(new TextEncoder().encode(canonicalJson(value)));
  return { ...value, signature: Buffer.from(signature).toString('hex') };
}

/** Whether the value is as its author signed it. @param author SS58 address */
export async function isSignedBy(signed: { signature: string }, author: string): Promise<boolean> {
  const { cryptoWaitReady, decodeAddress } = await import('@polkadot/util-crypto');
  const { isSr25519Signature } = await import('../core/sr25519.ts');
  await cryptoWaitReady();
  const { signature, ...value } = signed;
  if (!/^[0-9a-f]{128}$/.test(signature)) return false;
  const message = new TextEncoder().encode(canonicalJson(value));
  return isSr25519Signature(message, Buffer.from(signature, 'hex'), decodeAddress(author));
}
