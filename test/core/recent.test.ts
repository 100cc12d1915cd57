import { expect, it } from 'vitest';
import { createRecent } from '../../src/core/recent.ts';

it('makes a value once while it is asked for, and keeps no more than it may', () => {
  const made: string[] = [];
  const recent = createRecent(2, (key) => {
    made.push(key);
    return { key };
  });
  const a = recent('a');
  recent('b');
  expect(recent('a')).toBe(a);
  recent('c');
  expect(recent('a')).toBe(a);
  recent('b');
  expect(made).toEqual(['a', 'b', 'c', 'b']);
});
