import { describe, expect, it } from 'vitest';
import { changeOf, findingsOf } from '../../src/core/health-findings.ts';
import type { Finding, HealthFacts } from '../../src/core/health-findings.ts';

const GB = 1_000_000_000;
const miner: HealthFacts = {
  role: 'miner',
  hotkey: '5Miner',
  netuid: 7,
  chain: {
    block: 1000,
    tempo: 100,
    neuron: { uid: 3, axon: { ip: '192.0.2.1', port: 8091 }, permit: false, lastUpdate: 1 },
    axonAnswers: true,
  },
  chainTrouble: null,
  oldestWaiting: null,
  diskFreeBytes: 50 * GB,
  redis: [
    { role: 'index', usedBytes: 1, limitBytes: Infinity },
    { role: 'state', usedBytes: 90, limitBytes: 100 },
  ],
};
const chain = miner.chain!;
const neuron = chain.neuron!;
const validator: HealthFacts = {
  ...miner,
  role: 'validator',
  chain: { ...chain, axonAnswers: null, neuron: { ...neuron, axon: null, permit: true, lastUpdate: 800 } },
};

const names = (facts: HealthFacts): string[] => findingsOf(facts, { diskFreeGb: 10 }).map(({ name }) => name);

describe('findings', () => {
  it('are none where all is well, of a miner whose weights are old and of a validator without axon too', () => {
    expect(names(miner)).toEqual([]);
    expect(names(validator)).toEqual([]);
  });

  it.each<[string, HealthFacts, string[]]>([
    ['the chain is away', { ...miner, chain: null, chainTrouble: 'no node answers' }, ['chain']],
    ['not registered', { ...miner, chain: { ...chain, neuron: null } }, ['registration']],
    ['no axon on chain', { ...miner, chain: { ...chain, neuron: { ...neuron, axon: null } } }, ['axon']],
    ['an axon that does not answer', { ...miner, chain: { ...chain, axonAnswers: false } }, ['axon']],
    ['waiting for an epoch', { ...miner, oldestWaiting: { seq: 4, sinceBlock: 900 } }, []],
    ['waiting for more', { ...miner, oldestWaiting: { seq: 4, sinceBlock: 899 } }, ['commit']],
    [
      'weights of more than two epochs',
      { ...validator, chain: { ...chain, axonAnswers: null, neuron: { ...neuron, lastUpdate: 799 } } },
      ['weights'],
    ],
    ['little disk', { ...miner, diskFreeBytes: 10 * GB - 1 }, ['disk']],
    ['a full Redis', { ...miner, redis: [{ role: 'state', usedBytes: 91, limitBytes: 100 }] }, ['redis-state']],
    [
      'several at once, the chain being away',
      { ...miner, chain: null, chainTrouble: 'x', diskFreeBytes: 0, redis: [] },
      ['chain', 'disk'],
    ],
  ])('%s', (_, facts, expected) => {
    expect(names(facts)).toEqual(expected);
  });
});

describe('changes', () => {
  const disk: Finding = { name: 'disk', text: '1 GB is free' };
  const axon: Finding = { name: 'axon', text: 'nothing answers' };

  it('are what appeared and what passed', () => {
    expect(changeOf([], [], 'miner')).toBeNull();
    expect(changeOf([disk], [{ ...disk, text: '0.9 GB are free' }], 'miner')).toBeNull();
    expect(changeOf([disk], [axon], 'miner 5Miner')).toEqual({
      appeared: [axon],
      passed: [disk],
      text: 'Seine miner 5Miner\ntrouble: nothing answers\nover: disk is all right again',
    });
  });
});
