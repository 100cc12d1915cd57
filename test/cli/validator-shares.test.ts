import { describe, expect, it } from 'vitest';
import { createValidatorShares } from '../../src/cli/roots/validator-shares.ts';
import type { SharesOptions } from '../../src/cli/roots/validator-shares.ts';
import type { Neuron } from '../../src/commit/chain-port.ts';

const TAO = 1_000_000_000n;

function neuron(hotkey: string, tao: bigint, validatorPermit = true): Neuron {
  return {
    ...{ uid: 0, hotkey, coldkey: hotkey, registered: 0, axon: null, lastUpdate: 0 },
    validatorPermit,
    stake: tao * TAO,
  };
}

/** A chain of which the test says what it holds. */
function chainOf(neurons: Neuron[]) {
  const state = { neurons, block: 1, isAway: false, reads: 0, nowMs: 0, answers: Promise.resolve() };
  const chain: SharesOptions['chain'] = {
    finalized: async () => {
      await state.answers;
      if (state.isAway) throw new Error('away');
      return { number: state.block, hash: '0x' };
    },
    metagraph: () => {
      state.reads += 1;
      return Promise.resolve(state.neurons);
    },
  };
  const shares = createValidatorShares({
    chain,
    netuid: 1,
    terms: { leastStake: 5n * TAO, curve: 'linear' },
    now: () => state.nowMs,
  });
  return { state, shares };
}

/** Gives promises that can go on the turns to do so. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('what validators are owed', () => {
  it('is their share of the stake of those that may ask', async () => {
    const { shares } = chainOf([neuron('a', 30n), neuron('b', 10n), neuron('poor', 4n), neuron('miner', 900n, false)]);
    expect(await shares.all({ volume: 100 })).toEqual(
      new Map([
        ['a', 75],
        ['b', 25],
      ]),
    );
    expect(await shares.owed({ volume: 100 }, 'poor')).toBe(0);
    expect(await shares.mayAsk('a')).toEqual({ allowed: true });
    expect(await shares.mayAsk('poor')).toMatchObject({ status: 403, reason: 'less than 5 TAO of stake' });
    expect(await shares.mayAsk('miner')).toMatchObject({ status: 403, reason: 'no validator permit' });
    expect(await shares.mayAsk('nobody')).toMatchObject({ status: 403 });
  });

  it('is read again after some blocks, once for all that ask meanwhile', async () => {
    const { state, shares } = chainOf([neuron('a', 30n)]);
    await Promise.all([shares.mayAsk('a'), shares.mayAsk('b'), shares.owed({ volume: 1 }, 'a')]);
    expect(state.reads).toBe(1);
    state.neurons = [neuron('a', 30n), neuron('b', 30n)];
    state.nowMs += 10_000;
    expect((await shares.mayAsk('b')).allowed).toBe(false);
    await settle();
    state.block += 2;
    state.nowMs += 10_000;
    await shares.mayAsk('b');
    await settle();
    expect(await shares.owed({ volume: 10 }, 'b')).toBe(5);
    expect(state.reads).toBe(2);
  });

  it('holds up nobody while the chain is slow, unless nobody asked for long', async () => {
    const { state, shares } = chainOf([neuron('a', 30n)]);
    await shares.mayAsk('a');
    let goOn: () => void = () => undefined;
    state.answers = new Promise((resolve) => (goOn = resolve));
    state.neurons = [neuron('a', 30n), neuron('b', 30n)];
    state.block += 2;
    state.nowMs += 10_000;
    expect(await shares.owed({ volume: 10 }, 'a')).toBe(10);
    state.nowMs += 60_000;
    const waits = shares.owed({ volume: 10 }, 'a');
    goOn();
    expect(await waits).toBe(5);
  });

  it('stays what it was while the chain is away', async () => {
    const { state, shares } = chainOf([neuron('a', 30n)]);
    state.isAway = true;
    await expect(shares.mayAsk('a')).rejects.toThrow('away');
    state.isAway = false;
    expect((await shares.mayAsk('a')).allowed).toBe(true);
    state.isAway = true;
    state.nowMs += 10_000;
    expect((await shares.mayAsk('a')).allowed).toBe(true);
  });
});
