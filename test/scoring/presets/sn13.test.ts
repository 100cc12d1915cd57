import { describe, expect, it } from 'vitest';
import {
  sn13AgeFactorPpm,
  sn13BucketValue,
  sn13CredibilityFactorPpb,
  sn13JobValue,
} from '../../../src/scoring/presets/sn13.ts';
import { sn13Credibility } from '../../../src/scoring/presets/sn13-credibility.ts';
import { failedSn13Gates } from '../../../src/scoring/presets/sn13-gates.ts';
import { onDemandSpeedPpm, onDemandVolumePpm } from '../../../src/scoring/presets/sn13-on-demand.ts';
import { checked, miner, PARAMETERS, ROW, scoreEpochs } from '../fixtures.ts';

describe('the formula of SN13', () => {
  it('values 10 and 40 bytes of one bucket at 2 and 32', () => {
    expect([sn13BucketValue(10, 50), sn13BucketValue(40, 50)]).toEqual([2, 32]);
  });

  // 100 bytes of reddit, whose weight is .75.
  it.each([
    [1_000_000, 0, 75],
    [0, 0, 0],
    [-1_000_000, 0, -75],
    [null, 0, 37.5],
    [1_000_000, 720, 37.5],
    [1_000_000, 721, 0],
  ])('job weight %d at %d h gives %d', (weight, hours, value) => {
    expect(sn13JobValue(100, 750_000, weight, hours)).toBe(value * ROW + 0);
  });

  it('ages evenly', () => {
    expect([0, 360, 720, 721].map(sn13AgeFactorPpm)).toEqual([1_000_000, 750_000, 500_000, 0]);
  });

  it.each([
    [1, 0.15],
    [2, 0.2775],
    [3, 0.385875],
    [5, 0.556295],
    [10, 0.803126],
  ])('gives credibility after %d epochs that pass', (epochs, expected) => {
    let credibility = 0;
    for (let epoch = 0; epoch < epochs; epoch += 1) {
      credibility = sn13Credibility(credibility, 1_000_000, { before: 5, now: 5 });
    }
    expect(Math.abs(credibility - expected * 1e6)).toBeLessThan(5);
  });

  it('leaves size times credibility to the 2.5 what it was when the size grows', () => {
    const before = 800_000;
    const after = sn13Credibility(before, null, { before: 100, now: 1000 });
    const worth = (size: number, credibility: number) => (size * sn13CredibilityFactorPpb(credibility)) / 1e9;
    expect(worth(1000, after)).toBeCloseTo(worth(100, before), 2);
    expect(sn13Credibility(before, null, { before: 100, now: 50 })).toBe(before);
  });

  it('scores epochs', () => {
    const counts = [miner(0, 10), miner(1, 40), miner(2, 0, checked(0, 30, 0))];
    const [first, second] = scoreEpochs([counts, counts], { ...PARAMETERS, formula: 'sn13' });
    expect(first?.scores.map(({ why }) => why)).toMatchObject([
      { formula: 'sn13', value_ppm: 2 * ROW, credibility_ppm: 150_000 },
      { formula: 'sn13', value_ppm: 32 * ROW },
      { credibility_ppm: 0, earned: 0 },
    ]);
    expect(second?.scores[0]?.why).toMatchObject({ credibility_ppm: 277_500 });
    // 2 x .2775^2.5 = .0811312
    expect(second?.scores[0]?.score).toBe(81_131);
  });
});

describe('the gates of SN13', () => {
  const good = {
    ...{ bytes: 1_000_000, rows: 1000, rows_named: 1000, schema_exact: true },
    ...{ duplicates_ppm: 10_000, empty_ppm: 100_000, job_match_ppm: 950_000 },
    rescraped: { x: { rows: 10, found: 8 }, reddit: { rows: 4, found: 3 } },
  };

  it('let a shard pass that is at every limit', () => {
    expect(failedSn13Gates({ ...good, rescraped: { x: { rows: 10, found: 8 } } })).toEqual([]);
  });

  it.each([
    ['schema', { schema_exact: false }],
    ['row_count', { rows_named: 1001 }],
    ['file_size', { bytes: 1_000_000_001 }],
    ['row_size', { rows: 20_001, rows_named: 20_001 }],
    ['duplicates', { duplicates_ppm: 10_001 }],
    ['empty_rows', { empty_ppm: 100_001 }],
    ['job_match', { job_match_ppm: 949_999 }],
    ['rescrape', { rescraped: { x: { rows: 5, found: 3 }, reddit: { rows: 40, found: 40 } } }],
    ['rescrape', { rescraped: { x: { rows: 4, found: 3 } } }],
    ['rescrape', { rescraped: {} }],
  ])('refuse by %s', (gate, changes) => {
    const shard = { ...good, rescraped: { x: { rows: 10, found: 8 } }, ...changes };
    expect(failedSn13Gates(shard)).toEqual([gate]);
  });
});

describe('on-demand data', () => {
  it.each([
    [0, 1_000_000],
    [30, 1_000_000],
    [75, 500_000],
    [600, 300_000],
  ])('an answer after %d s', (seconds, speed) => {
    expect(onDemandSpeedPpm(seconds * 1000)).toBe(speed);
  });

  it.each([
    [0, 0],
    [50, 0.5 ** 1.3],
    [100, 1],
    [150, 1 + 0.15 * Math.log(1.5)],
    [1000, 1.25],
  ])('%d rows of 100', (rows, volume) => {
    expect(Math.abs(onDemandVolumePpm(rows, 100) - volume * 1e6)).toBeLessThan(2);
  });
});
