import { expect, it } from 'vitest';
import { HostRounds } from '../../src/scrapers/host-rounds.ts';

const lease = (url: string) => ({ url: `https://${url}`, depth: 0, attempts: 0, waits: 0 });
const leases = ['a.test/1', 'a.test/2', 'b.test/1', 'a.test/3', 'c.test/1'].map(lease);
const begun = (rounds: HostRounds) => rounds.begin()?.url.slice('https://'.length);

it('begins one URL of each host at a time, in turns', () => {
  const rounds = new HostRounds(leases, 8);
  expect([begun(rounds), begun(rounds), begun(rounds), begun(rounds)]).toEqual([
    ...['a.test/1', 'b.test/1', 'c.test/1', undefined],
  ]);
  rounds.entered('b.test');
  expect(begun(rounds)).toBeUndefined();
  rounds.entered('a.test');
  expect([begun(rounds), begun(rounds), rounds.hasMore]).toEqual(['a.test/2', undefined, true]);
  rounds.entered('a.test');
  expect([begun(rounds), rounds.hasMore]).toEqual(['a.test/3', false]);
});

it('begins no other URL of a host while one waits for its turn there, whatever ends in the meantime', () => {
  const rounds = new HostRounds(leases, 8);
  rounds.drop('b.test');
  rounds.drop('c.test');
  begun(rounds);
  rounds.entered('a.test');
  expect(begun(rounds)).toBe('a.test/2');
  rounds.ended('a.test');
  expect(begun(rounds)).toBeUndefined();
  rounds.entered('a.test');
  expect(begun(rounds)).toBe('a.test/3');
});

it('gives back what was not begun', () => {
  const rounds = new HostRounds(leases, 8);
  begun(rounds);
  expect(rounds.drop('a.test').map(({ url }) => url)).toEqual(['https://a.test/2', 'https://a.test/3']);
  expect(rounds.drop('a.test')).toEqual([]);
  rounds.entered('a.test');
  expect([begun(rounds), rounds.dropAll().length, rounds.hasMore, begun(rounds)]).toEqual([
    ...['b.test/1', 1, false, undefined],
  ]);
});

it('has no more of a host under way than it may, and fewer once others have its slots', () => {
  const rounds = new HostRounds(leases.slice(0, 2).concat(leases.slice(0, 2)), 2);
  const enter = () => {
    const url = begun(rounds);
    rounds.entered('a.test');
    return url;
  };
  expect([enter(), enter(), enter()]).toEqual(['a.test/1', 'a.test/2', undefined]);
  rounds.ended('a.test');
  expect([enter(), enter()]).toEqual(['a.test/1', undefined]);
  rounds.refused('a.test');
  rounds.ended('a.test');
  expect(enter()).toBeUndefined();
  rounds.ended('a.test');
  expect(enter()).toBe('a.test/2');
});
