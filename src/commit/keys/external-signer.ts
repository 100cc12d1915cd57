import { request } from 'node:http';
import { z } from 'zod';
import type { Signer } from '../../core/chain.ts';
import { messageOf } from '../../core/errors.ts';
import { SignerRefusedError, SignerUnreachableError } from './errors.ts';

/*
 * A signer in another process, so that whoever runs workers holds no key. It is asked by HTTP on loopback or a Unix socket:
 *   GET  /address                        -> {"address": SS58}
 *   POST /sign  {"payload": hex}         -> {"signature": hex}      sr25519 over the payload, 64 bytes
 * Hex is lower case with 0x. See signer-server.ts for one.
 */

/** Where a signer listens: `http://127.0.0.1:<port>` or `unix:<path>`. */
export type SignerPlace = { host: string; port: number } | { socketPath: string };

const ANSWER_LIMIT_MS = 30_000;
const MAX_ANSWER_BYTES = 4096;
const addressAnswer = z.object({ address: z.string() });
const signatureAnswer = z.object({ signature: z.string().regex(/^0x[0-9a-f]{128}$/) });

/** Reads a signer's URL; null unless it is a Unix socket or on loopback: signatures must not cross a network in the open. */
export function parseSignerUrl(url: string): SignerPlace | null {
  if (/^unix:\/./.test(url)) return { socketPath: url.slice('unix:'.length) };
  const [, host, port] = /^http:\/\/(127(?:\.\d{1,3}){3}|localhost|\[::1\]):(\d{1,5})\/?$/.exec(url) ?? [];
  if (host === undefined || Number(port) < 1 || Number(port) > 65_535) return null;
  return { host: host.replace(/^\[|\]$/g, ''), port: Number(port) };
}

/**
 * The signer that listens at a URL. Every signature is verified before it is used. Throws SignerUnreachableError and SignerRefusedError, now
 * and whenever it signs.
 */
export async function connectSigner(url: string): Promise<Signer> {
  const place = parseSignerUrl(url);
  if (place === null) throw new SignerRefusedError(url, 'is neither unix:/path nor http://127.0.0.1:port');
  const { cryptoWaitReady, decodeAddress } = await import('@polkadot/util-crypto');
  const { isSr25519Signature } = await import('../../core/sr25519.ts');
  await cryptoWaitReady();
  const { address } = await ask(url, place, 'GET', '/address', null, addressAnswer);
  let publicKey: Uint8Array;
  try {
    publicKey = decodeAddress(address);
  } catch {
    throw new SignerRefusedError(url, 'gives no SS58 address');
  }
  return Object.freeze({
    address,
    async sign(message: Uint8Array): Promise<Uint8Array> {
      const payload = `0x${Buffer.from(message).toString('hex')}`;
      const { signature } = await ask(url, place, 'POST', '/sign', { payload }, signatureAnswer);
      const bytes = Uint8Array.from(Buffer.from(signature.slice(2), 'hex'));
      if (!isSr25519Signature(message, bytes, publicKey))
        throw new SignerRefusedError(url, `gave a signature that is not ${address}'s over what was asked`);
      return bytes;
    },
  });
}

async function ask<T>(
  url: string,
  place: SignerPlace,
  method: 'GET' | 'POST',
  path: string,
  body: object | null,
  form: z.ZodType<T>,
): Promise<T> {
  const { status, text } = await exchange(place, method, path, body).catch((error: unknown) => {
    throw new SignerUnreachableError(url, messageOf(error));
  });
  if (status !== 200) throw new SignerRefusedError(url, `answered ${status} to ${method} ${path}`);
  try {
    return form.parse(JSON.parse(text));
  } catch {
    throw new SignerRefusedError(url, `answered ${method} ${path} in a form that is not known here`);
  }
}

function exchange(
  place: SignerPlace,
  method: string,
  path: string,
  body: object | null,
): Promise<{ status: number; text: string }> {
  const payload = body === null ? '' : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        ...place,
        method,
        path,
        headers: {
          host: 'localhost',
          ...(body === null
            ? {}
            : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) }),
        },
        agent: false,
        signal: AbortSignal.timeout(ANSWER_LIMIT_MS),
      },
      (answer) => {
        const chunks: Buffer[] = [];
        let size = 0;
        answer.on('data', (chunk: Buffer) => {
          size += chunk.length;
          if (size > MAX_ANSWER_BYTES) answer.destroy(new Error('too long an answer'));
          else chunks.push(chunk);
        });
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(chunks).toString() }));
        answer.on('error', reject);
      },
    );
    outgoing.on('error', reject);
    outgoing.end(payload);
  });
}
