import { cryptoWaitReady } from '@polkadot/util-crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { RequestRefused } from '../../src/net/epistula.ts';
import { signText } from '../../src/net/synapse-headers.ts';
import { createNonceSource } from '../../src/net/synapse-nonces.ts';
import type { SynapseNonces } from '../../src/net/synapse-nonces.ts';
import { synapseAnswerHeaders, verifySynapseAnswer } from '../../src/net/synapse-response.ts';
import { signSynapse, verifySynapse } from '../../src/net/synapse.ts';
import { memoryNonces, signerOf } from './peers.ts';

const SECOND = 1_000_000_000n;
const NOW = 1_780_000_000n * SECOND;
const UUID = '5ecbd69c-1cec-11ee-b0dc-e29ce36fec1a';
const TYPE = {
  name: 'Ask',
  hashFields: ['prompt', 'count'],
  requiredFields: ['prompt', 'count', 'heat', 'tags', 'on', 'map'],
};
const FIELDS = new Map<string, never>(
  Object.entries({ prompt: 'why?', count: 2n, heat: 1, tags: ['a'], on: true, map: new Map() }) as [string, never][],
);

beforeAll(() => cryptoWaitReady());

const caller = () => signerOf('//caller');
const self = () => signerOf('//receiver').address;
const sign = (nonce = NOW, hotkey = self()) =>
  signSynapse({
    type: TYPE,
    fields: FIELDS,
    timeoutMs: 12_000,
    signer: caller(),
    ip: '127.0.0.1',
    axon: { ip: '127.0.0.1', port: 8091, hotkey },
    nonce,
    uuid: UUID,
  });
type Sent = Awaited<ReturnType<typeof sign>>;
const receiver = (nonces: SynapseNonces = memoryNonces()) => {
  return (sent: { headers: Sent['headers'] | Record<string, string | undefined>; body: string }, nowNs = NOW) =>
    verifySynapse({
      type: TYPE,
      headers: sent.headers,
      body: Buffer.from(sent.body),
      self: self(),
      nowNs,
      nonces,
    });
};
const outcome = async (attempt: Promise<unknown>) => {
  const error = await attempt.then(() => 'served').catch((reason: unknown) => reason);
  return error instanceof RequestRefused ? `${error.status} ${error.reason}` : error;
};

describe('a signed synapse', () => {
  it('has the headers that the SDK sends and is accepted', async () => {
    const sent = await sign();
    expect(sent.path).toBe('/Ask');
    expect(sent.headers).toMatchObject({
      name: 'Ask',
      timeout: '12.0',
      bt_header_axon_port: '8091',
      bt_header_dendrite_version: '10005000',
      bt_header_dendrite_nonce: '1780000000000000000',
      bt_header_input_obj_prompt: 'IiI=',
    });
    const empty = ['count', 'heat', 'tags', 'on', 'map'].map((field) =>
      Buffer.from(sent.headers[`bt_header_input_obj_${field}`] ?? '', 'base64').toString(),
    );
    expect(empty).toEqual(['0', '0.0', '[]', 'false', '{}']);
    expect(sent.body).toContain('"nonce":1780000000000000000,');
    expect(sent.body).toContain('"prompt":"why?","count":2,"heat":1.0,');
    const served = await receiver()(sent);
    expect([served.caller, served.timeoutMs, served.fields.get('count')]).toEqual([caller().address, 12_000, 2n]);
  });

  it('accepts one put together by hand from the description', async () => {
    const { body, headers } = await sign();
    const text = `${NOW}.${caller().address}.${self()}.${UUID}.${headers['computed_body_hash']}`;
    const signature = await signText(caller(), text);
    expect(await outcome(receiver()({ body, headers: { ...headers, bt_header_dendrite_signature: signature } }))).toBe(
      'served',
    );
  });

  it('cannot be sent without a required field', async () => {
    const lacking = signSynapse({
      type: { ...TYPE, requiredFields: ['other'] },
      fields: FIELDS,
      timeoutMs: 1,
      signer: caller(),
      ip: '',
      axon: { ip: '', port: 1, hotkey: self() },
      nonce: NOW,
      uuid: UUID,
    });
    await expect(lacking).rejects.toThrow('lacks other');
  });
});

describe('what is refused', () => {
  it('is unsigned, altered, of another key, or for another receiver', async () => {
    const sent = await sign();
    const serve = receiver();
    const withHeader = (name: string, value: string | undefined) =>
      outcome(serve({ body: sent.body, headers: { ...sent.headers, [name]: value } }));
    expect(await withHeader('bt_header_dendrite_signature', undefined)).toBe('401 bad_signature');
    expect(await withHeader('bt_header_dendrite_signature', `0x${'00'.repeat(64)}`)).toBe('401 bad_signature');
    expect(await withHeader('bt_header_dendrite_hotkey', self())).toBe('401 bad_signature');
    expect(await withHeader('bt_header_dendrite_nonce', String(NOW + 1n))).toBe('401 bad_signature');
    expect(await withHeader('computed_body_hash', '0'.repeat(64))).toBe('401 bad_signature');
    expect(await withHeader('bt_header_dendrite_nonce', undefined)).toBe('400 malformed');
    expect(await withHeader('timeout', '1e9')).toBe('400 malformed');
    expect(await outcome(serve(await sign(NOW, caller().address)))).toBe('401 wrong_receiver');
    expect(await outcome(serve({ ...sent, body: sent.body.replace('why?', 'who?') }))).toBe('400 malformed');
    expect(await outcome(serve({ ...sent, body: '{' }))).toBe('400 malformed');
    expect(await outcome(serve({ ...sent, body: '[]' }))).toBe('400 malformed');
    // None of these has spent the nonce.
    expect(await outcome(serve(sent))).toBe('served');
  });

  it.each([
    [1n, 'served'],
    [3n, 'served'],
    [5n, 'served'],
    [15n, 'served'],
    [16n, '401 stale'],
    [18n, '401 stale'],
    [19n, '401 stale'],
    [-5n, 'served'],
    [-6n, '401 in_future'],
  ])('%s seconds old with time-out 12: %s', async (age, expected) => {
    expect(await outcome(receiver()(await sign(NOW - age * SECOND)))).toBe(expected);
  });

  it('is a nonce not above the last one of its endpoint', async () => {
    const serve = receiver();
    expect(await outcome(serve(await sign(NOW)))).toBe('served');
    expect(await outcome(serve(await sign(NOW - 1n)))).toBe('401 replayed');
    expect(await outcome(serve(await sign(NOW + 1n)))).toBe('served');
  });

  it('is a replay, also at the same time and after a restart', async () => {
    const nonces = memoryNonces();
    const sent = await sign();
    const both = await Promise.all([outcome(receiver(nonces)(sent)), outcome(receiver(nonces)(sent))]);
    expect(both.sort()).toEqual(['401 replayed', 'served']);
    expect(await outcome(receiver(nonces)(sent))).toBe('401 replayed');
  });

  it('is an old request with a longer time-out, for as long as its nonce could pass for fresh', async () => {
    const expiries: number[] = [];
    const nonces: SynapseNonces = {
      advance: (_endpoint, _nonce, atMs) => Promise.resolve(expiries.push(atMs) === 1),
    };
    const sent = await sign();
    const stretched = { ...sent, headers: { ...sent.headers, timeout: '999999999.0' } };
    expect(await outcome(receiver(nonces)(sent))).toBe('served');
    const lastFresh = NOW + 124n * SECOND - 1n;
    expect(await outcome(receiver(nonces)(stretched, lastFresh))).toBe('401 replayed');
    expect(expiries[0]).toBeGreaterThan(Number(lastFresh / 1_000_000n));
    expect(await outcome(receiver(nonces)(stretched, lastFresh + 1n))).toBe('401 stale');
  });

  it('is everything while used nonces cannot be kept', async () => {
    const nonces: SynapseNonces = { advance: () => Promise.reject(new Error('no Redis')) };
    await expect(receiver(nonces)(await sign())).rejects.toThrow('no Redis');
  });
});

describe('an answer', () => {
  const answer = (nonce = NOW) =>
    synapseAnswerHeaders({
      name: 'Ask',
      signer: signerOf('//receiver'),
      dendrite: caller().address,
      nonce,
      uuid: UUID,
      status: 429,
      message: 'bu\r\nsy',
    });
  const check =
    (headers: Record<string, string | undefined>, dendrite = caller().address) =>
    () =>
      verifySynapseAnswer({ headers, dendrite, axon: self(), nowNs: NOW, timeoutMs: 12_000 });

  it('is believed of the asked peer only, for us only, and while it is fresh', async () => {
    const headers = await answer();
    expect(headers).toMatchObject({ bt_header_axon_status_code: '429', bt_header_axon_status_message: 'bu??sy' });
    expect(check(headers)).not.toThrow();
    expect(check(headers, self())).toThrow('missing or not');
    expect(check({ ...headers, bt_header_axon_signature: undefined })).toThrow('missing or not');
    expect(check({ ...headers, bt_header_axon_nonce: String(NOW + 1n) })).toThrow('missing or not');
    expect(check(await answer(NOW - 16n * SECOND))).toThrow('stale');
    expect(check(await answer(NOW + 6n * SECOND))).toThrow('in_future');
  });
});

describe('nonces of a sender', () => {
  it('are its time, and rise where its clock stands still or goes back', () => {
    const times = [5, 5, 3, 9];
    const next = createNonceSource(() => times.shift() ?? 0);
    expect([next(), next(), next(), next()]).toEqual([5_000_000n, 5_000_001n, 5_000_002n, 9_000_000n]);
  });
});
