import { randomUUID } from 'node:crypto';
import { Keyring } from '@polkadot/keyring';
import { cryptoWaitReady } from '@polkadot/util-crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { sha256Hex } from '../../src/core/hash/sha256.ts';
import { RequestRefused, signRequest, verifyRequest } from '../../src/net/epistula.ts';
import { memorySeenIds, signerOf } from './peers.ts';

const NOW = 1_780_000_000_000;
const BODY = Buffer.from('{"digest":"00"}');

beforeAll(() => cryptoWaitReady());

describe('Epistula v2', () => {
  const caller = () => signerOf('//caller');
  const self = () => signerOf('//receiver').address;
  const sign = (over: { body?: Buffer; receiver?: string; now?: number } = {}) =>
    signRequest({
      body: over.body ?? BODY,
      signer: caller(),
      receiver: over.receiver ?? self(),
      now: () => over.now ?? NOW,
      uuid: randomUUID,
    });
  const verify = (
    headers: Record<string, string | string[] | undefined>,
    seen = memorySeenIds(),
    body: Uint8Array = BODY,
  ) => verifyRequest({ headers, body, self: self(), nowMs: NOW, seen });
  const reasonOf = async (attempt: Promise<unknown>) => {
    const error = await attempt.then(() => null).catch((reason: unknown) => reason);
    return error instanceof RequestRefused ? `${error.status} ${error.reason}` : error;
  };

  it('accepts what it signed and names the caller', async () => {
    expect(await verify(await sign())).toEqual({ caller: caller().address });
  });

  it('accepts a request put together by hand with a keyring pair, and covers what the format says', async () => {
    const pair = new Keyring({ type: 'sr25519', ss58Format: 42 }).addFromUri('//by-hand');
    const uuid = '3f2b8a52-6a57-4c5f-9d5a-0123456789ab';
    const message = `${sha256Hex(BODY)}.${uuid}.${NOW}.${self()}`;
    const headers = {
      'epistula-version': '2',
      'epistula-timestamp': String(NOW),
      'epistula-uuid': uuid,
      'epistula-signed-by': pair.address,
      'epistula-signed-for': self(),
      'epistula-request-signature': `0x${Buffer.from(pair.sign(message)).toString('hex')}`,
    };
    expect(await verify(headers)).toEqual({ caller: pair.address });
    // The keyring checks what we sign, too.
    const ours = await sign();
    const text = `${sha256Hex(BODY)}.${ours['epistula-uuid']}.${NOW}.${self()}`;
    const signature = Buffer.from(ours['epistula-request-signature']!.slice(2), 'hex');
    const other = new Keyring({ type: 'sr25519', ss58Format: 42 }).addFromAddress(caller().address);
    expect(other.verify(text, signature, other.publicKey)).toBe(true);
  });

  it('refuses a second use, also of requests sent at the same time', async () => {
    const seen = memorySeenIds();
    const headers = await sign();
    const outcomes = await Promise.all([1, 2, 3].map(() => reasonOf(verify(headers, seen))));
    expect(outcomes.sort()).toEqual(['401 replayed', '401 replayed', null].sort());
  });

  it.each([
    [-5001, '401 stale'],
    [-5000, null],
    [5000, null],
    [5001, '401 in_future'],
    [60_000_000, '401 in_future'],
  ])('a timestamp %i ms from the clock: %s', async (offsetMs, expected) => {
    expect(await reasonOf(verify(await sign({ now: NOW + offsetMs })))).toBe(expected);
  });

  it('refuses another receiver, a changed body, and changed headers', async () => {
    expect(await reasonOf(verify(await sign({ receiver: caller().address })))).toBe('401 wrong_receiver');
    expect(await reasonOf(verify(await sign(), undefined, Buffer.from('{"digest":"01"}')))).toBe('401 bad_signature');
    const changes: Record<string, string> = {
      'epistula-timestamp': String(NOW + 1),
      'epistula-uuid': randomUUID(),
      'epistula-signed-by': signerOf('//other').address,
      'epistula-request-signature': `0x${'00'.repeat(64)}`,
    };
    for (const [name, value] of Object.entries(changes)) {
      expect(await reasonOf(verify({ ...(await sign()), [name]: value }))).toBe('401 bad_signature');
    }
  });

  it('spends no uuid on a request that is wrong', async () => {
    const seen = memorySeenIds();
    const headers = await sign();
    expect(await reasonOf(verify(headers, seen, Buffer.from('other')))).toBe('401 bad_signature');
    expect(await reasonOf(verify(headers, seen))).toBe(null);
  });

  it.each([
    ['epistula-version', '1', '400 unsupported_version'],
    ['epistula-version', undefined, '400 malformed'],
    ['epistula-timestamp', `${NOW}000000`, '400 malformed'],
    ['epistula-timestamp', `${NOW}.5`, '400 malformed'],
    ['epistula-timestamp', 'NaN', '400 malformed'],
    ['epistula-uuid', 'again', '400 malformed'],
    ['epistula-signed-by', '5nobody', '400 malformed'],
    ['epistula-signed-for', undefined, '400 malformed'],
    ['epistula-request-signature', undefined, '400 malformed'],
    ['epistula-request-signature', '0x00', '400 malformed'],
    ['epistula-request-signature', ['a', 'b'], '400 malformed'],
  ])('refuses %s: %j', async (name, value, expected) => {
    expect(await reasonOf(verify({ ...(await sign()), [name]: value }))).toBe(expected);
  });

  it('refuses the same key under another prefix', async () => {
    const other = new Keyring({ type: 'sr25519', ss58Format: 0 }).addFromUri('//caller').address;
    expect(await reasonOf(verify({ ...(await sign()), 'epistula-signed-by': other }))).toBe('400 malformed');
  });

  it('lets no request through when used ids cannot be looked up', async () => {
    const broken = { firstUse: () => Promise.reject(new Error('down')) };
    await expect(verify(await sign(), broken)).rejects.toThrow('down');
  });
});
