import { expect, it } from 'vitest';
import { breaksChecks } from '../../../src/scoring/inference/uncheckable.ts';

const checks = (failed: number, made: number) => ({ failed, made });

it.each([
  ['fails where nobody else does', checks(15, 50), [checks(0, 50), checks(0, 50)], true],
  ['fails as often as others do', checks(10, 50), [checks(10, 50), checks(9, 50)], false],
  ['fails more often than others, as chance may have it', checks(2, 10), [checks(20, 1000), checks(20, 1000)], false],
  ['fails once', checks(1, 50), [checks(0, 50), checks(0, 50)], false],
  ['has nobody to be compared with', checks(50, 50), [], false],
  ['has nobody with checks to be compared with', checks(50, 50), [checks(0, 0)], false],
  ['is compared with too few', checks(10, 10), [checks(0, 1)], false],
  ['has a sibling that fails too', checks(25, 50), [checks(25, 50), checks(0, 50), checks(0, 50)], true],
  ['has no checks', checks(0, 0), [checks(0, 50)], false],
])('a miner that %s', (_, own, others, isBreaking) => {
  expect(breaksChecks(own, others)).toBe(isBreaking);
});
