import type { Signer } from '../core/chain.ts';
import { isSr25519Signature } from '../core/sr25519.ts';
import { RequestRefused } from './epistula.ts';
import { publicKeyOf } from './hotkey.ts';

/** As node:http gives them: names in lower case. */
export type SynapseHeaders = Readonly<Record<string, string | string[] | undefined>>;

/** The version of the Python SDK that we speak like: major * 1e6 + minor * 1e3 + patch of 10.5.0. */
export const SYNAPSE_VERSION = 10_005_000;

/** Nanoseconds below 2^63, as Python's `time_ns` gives them. */
export const NONCE = /^[1-9][0-9]{0,18}$/;
export const SYNAPSE_UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const SIGNATURE = /^0x[0-9a-fA-F]{128}$/;

/** One header, of the form asked for; throws RequestRefused (malformed). */
export function synapseHeader(headers: SynapseHeaders, name: string, form: RegExp): string {
  const value = headers[name];
  if (typeof value !== 'string' || !form.test(value)) {
    throw new RequestRefused('malformed', `the header ${name} is missing or not ${form.source}`, { header: name });
  }
  return value;
}

/** `0x` and hex of the signer's sr25519 signature over a text. */
export async function signText(signer: Signer, text: string): Promise<string> {
  return `0x${Buffer.from(await signer.sign(Buffer.from(text))).toString('hex')}`;
}

/** Throws RequestRefused unless the header `name` holds this hotkey's signature over the text. An absent one counts as wrong. */
export function requireSignature(headers: SynapseHeaders, name: string, text: string, hotkey: string): void {
  const signature = headers[name];
  const publicKey = publicKeyOf(hotkey);
  if (publicKey === null) {
    throw new RequestRefused('malformed', 'a hotkey is not the usual SS58 address (prefix 42) of a key');
  }
  const signed = typeof signature === 'string' && SIGNATURE.test(signature);
  if (!signed || !isSr25519Signature(Buffer.from(text), Buffer.from(signature.slice(2), 'hex'), publicKey)) {
    throw new RequestRefused('bad_signature', `${name} is missing or not ${hotkey}'s signature; sign with that key`, {
      hotkey,
    });
  }
}
