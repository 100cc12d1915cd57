import { describe, expect, it } from 'vitest';
import type { AvailabilityList } from '../../src/commit/availability.ts';
import { availableByStake, signAvailability, weighLists } from '../../src/commit/availability.ts';
import { openDevelopmentKey } from '../../src/commit/keys/wallet.ts';

const ABOUT = { netuid: 1, epoch: 7 };

function listOf(validator: string, had: Record<string, boolean>): AvailabilityList {
  const commits = Object.entries(had).map(([place, available]) => {
    const [block, event] = place.split('-').map(Number) as [number, number];
    return { block, event, manifest: 'ab'.repeat(32), available };
  });
  return { version: 1, kind: 'availability', ...ABOUT, validator, commits };
}

describe('what was available', () => {
  it('is what more than half of the stake had, of the stake that says anything', () => {
    const lists = [
      { stake: 40n, list: listOf('5A', { '1-0': true, '1-1': false, '2-0': true, '3-0': false }) },
      { stake: 35n, list: listOf('5B', { '1-0': false, '1-1': true, '2-0': false }) },
      { stake: 5n, list: listOf('5C', { '1-0': false, '1-1': true, '2-0': true, '3-0': true }) },
    ];
    const settled = { '1-0': false, '1-1': false, '2-0': true, '3-0': false };
    expect(Object.fromEntries(availableByStake(lists))).toEqual(settled);
    expect(availableByStake(lists.toReversed())).toEqual(availableByStake(lists));
    expect(availableByStake([])).toEqual(new Map());
  });

  it('is settled alike for one who was served alone and for those who were not', () => {
    const served = listOf('5A', { '1-0': true });
    const others = ['5B', '5C'].map((name) => ({ stake: 30n, list: listOf(name, { '1-0': false }) }));
    expect(availableByStake([{ stake: 40n, list: served }, ...others]).get('1-0')).toBe(false);
  });

  it('is said only by lists that a validator with a permit signed, once, for this epoch', async () => {
    const [ada, bob, cyd, dan] = await Promise.all(
      ['//Ada', '//Bob', '//Cyd', '//Dan'].map((uri) => openDevelopmentKey({ uri, development: true })),
    );
    const validators = [ada, bob, cyd].map((signer) => ({ hotkey: signer!.address, stake: 5n, validatorPermit: true }));
    const say = (signer: typeof ada, changes: Partial<AvailabilityList> = {}) =>
      signAvailability({ ...listOf(signer!.address, { '1-0': true }), ...changes }, signer!);
    const good = await say(ada);
    const forged = { ...(await say(bob)), commits: [] };
    const twice = [await say(cyd), await say(cyd, { commits: [] })];
    const stranger = await say(dan);
    const late = await say(ada, { epoch: 8 });
    const weighed = await weighLists([good, forged, ...twice, stranger, late], ABOUT, validators);
    expect(weighed).toEqual([{ stake: 5n, list: good }]);
    const retired = validators.map((validator) => ({ ...validator, validatorPermit: false }));
    expect(await weighLists([good], ABOUT, retired)).toEqual([]);
  });
});
