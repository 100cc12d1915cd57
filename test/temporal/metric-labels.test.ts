import { expect, it } from 'vitest';
import { boundedLabels, reasonLabel } from '../../temporal/metrics/labels.ts';

it.each([
  ['status_404', 'status_404'],
  ['status_418', 'status_4xx'],
  ['status_999', 'status_other'],
  ['status_99999', 'status_other'],
  ['robots_disallowed', 'robots_disallowed'],
  ['AddressRefused', 'AddressRefused'],
  ['said "no"\n', 'other'],
  ['x'.repeat(41), 'other'],
])('the reason %j is the label %s', (reason, label) => {
  expect(reasonLabel(reason)).toBe(label);
});

it('keeps the first names and no more', () => {
  const name = boundedLabels(2);
  expect(['a', 'b', 'c', 'a', 'b', 'd'].map(name)).toEqual(['a', 'b', 'other', 'a', 'b', 'other']);
});
