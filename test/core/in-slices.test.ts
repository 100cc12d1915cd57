import { expect, it } from 'vitest';
import { inSlices, itemsInSlices } from '../../src/core/in-slices.ts';

it('gives all of a list in order, and others a turn between two slices', async () => {
  const seen: (number[] | string)[] = [];
  setImmediate(() => seen.push('another'));
  for await (const slice of inSlices([1, 2, 3, 4, 5], 2)) seen.push([...slice]);
  expect(seen).toEqual([[1, 2], 'another', [3, 4], [5]]);
  for await (const slice of inSlices([], 2)) seen.push([...slice]);
  expect(seen).toHaveLength(4);
});

it('gives the same item by item', async () => {
  const seen: (number | string)[] = [];
  setImmediate(() => seen.push('another'));
  for await (const item of itemsInSlices([1, 2, 3], 2)) seen.push(item);
  expect(seen).toEqual([1, 2, 'another', 3]);
});
