import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../../src/core/canonical-json.ts';
import { readJobVote } from '../../src/commit/job-vote.ts';
import { openDevelopmentKey } from '../../src/commit/keys/wallet.ts';
import { signJson } from '../../src/commit/signed-json.ts';

const signer = await openDevelopmentKey({ uri: '//Voter', development: true });
const stranger = await openDevelopmentKey({ uri: '//Stranger', development: true });
const good = { version: 1, netuid: 1, validator: signer.address, at: 5, weights: { docs: 1_500_000 } };

async function read(changes: object, by = signer, write: (value: object) => string = canonicalJson) {
  return await readJobVote(write(await signJson({ ...good, ...changes }, by)), 1);
}

describe('readJobVote', () => {
  it('reads a vote as it was signed', async () => {
    expect(await read({})).toMatchObject({ vote: good });
  });

  it.each<[string, object, RegExp]>([
    ['of another subnet', { netuid: 2 }, /subnet 2/],
    ['of another version', { version: 2 }, /members/],
    ['with a weight below 0', { weights: { docs: -1 } }, /members/],
    ['with a weight beyond all bounds', { weights: { docs: 1e15 } }, /members/],
    ['with more than is known', { stake: 1 }, /members/],
    ['of what is no address', { validator: 'me' }, /signature/],
  ])('refuses one %s', async (_, changes, why) => {
    expect(await read(changes)).toEqual({ vote: null, why: expect.stringMatching(why) as string });
  });

  it('refuses one in another name, changed, or that is no JSON', async () => {
    expect(await read({}, stranger)).toMatchObject({ vote: null });
    const signed = await signJson(good, signer);
    expect(await readJobVote(canonicalJson({ ...signed, weights: {} }), 1)).toMatchObject({ vote: null });
    expect(await readJobVote('{', 1)).toMatchObject({ vote: null });
  });
});
