import { describe, expect, it } from 'vitest';
import { NO_MEMORY, scoreEpoch } from '../../src/scoring/epoch-scores.ts';
import { checked, miner, PARAMETERS, ROW, scoreEpochs } from './fixtures.ts';

const score = (...[miners, parameters = PARAMETERS]: [Parameters<typeof scoreEpoch>[0], typeof PARAMETERS?]) =>
  scoreEpoch(miners, NO_MEMORY, parameters).scores;

describe('scoreEpoch', () => {
  it('pays unique rows by the curve', () => {
    const [first, second] = score([miner(0, 100), miner(1, 50)]);
    expect(first?.score).toBe(30 * ROW);
    expect(second?.score).toBe(15 * ROW);
    // 1 and (1/2)^1.5 = .353553
    expect(first?.weight_ppb).toBeCloseTo(1e9 / 1.353553391, -2);
    expect((first?.weight_ppb ?? 0) + (second?.weight_ppb ?? 0)).toBeLessThanOrEqual(1e9);
  });

  it('pays nothing where no sampled row was seen', () => {
    const spot = { valid: 6, invalid: 0, gone: 20, inconclusive: 0 };
    const sums = { sampled_ppm: { data: 20 * ROW }, unproven_ppm: { data: 20 * ROW } };
    const [copier] = score([miner(2, 20, { ...sums, spot })]);
    expect(copier).toMatchObject({ score: 0, weight_ppb: 0, why: { gone_counts_as_invalid: true } });
  });

  it('takes what the sample shows for the whole: 503 for two thirds pays one third', () => {
    const [shelter] = score([miner(0, 3000, checked(10, 0, 0))]);
    expect(shelter?.why).toMatchObject({ proven_ppm: 1000 * ROW, validity_ppm: 1_000_000, earned: 1000 * ROW });
  });

  it.each([1, 2, 3, 15])('pays %d invented of 30 rows less than their honest rest', (invented) => {
    const [honest, liar] = score([miner(0, 300), miner(1, 300, checked(30 - invented, invented, 0))]);
    const trueRows = 300 * ROW * (1 - invented / 30);
    expect(honest?.why.earned).toBe(300 * ROW);
    expect(liar?.why.earned).toBeLessThan(trueRows * 0.97);
  });

  it('goes on from a score by hotkey and registration', () => {
    const before = { pool: 'data', score: 100 * ROW, carried: 0 };
    const previous = [
      { ...before, hotkey: 'hotkey-0', registered: 1 },
      { ...before, hotkey: 'hotkey-1', registered: 0 },
    ];
    const { scores } = scoreEpoch([miner(0, 0), miner(1, 0)], { scores: previous, records: [] }, PARAMETERS);
    expect(scores.map((item) => item.score)).toEqual([70 * ROW, 0]);
  });

  it('does not depend on what else a miner could be split into', () => {
    const [whole] = score([miner(0, 100), miner(9, 100)]);
    const parts = score([miner(1, 50), miner(2, 50), miner(9, 100)]).slice(0, 2);
    expect(parts.reduce((sum, part) => sum + part.weight_ppb, 0)).toBeLessThanOrEqual(whole?.weight_ppb ?? 0);
  });

  it('pays a new hotkey for its allowance, and then for at most twice what was verified before', () => {
    const large = miner(0, 400_000);
    const allowed = scoreEpochs([[large], [large], [large]]).map(({ scores }) => scores[0]?.why);
    // 30 of 30 valid prove 88.6 %: 50,000, then 2 x 44,324, then 2 x 78,584.
    expect(allowed).toMatchObject([
      { allowed_rows: 50_000, earned: 50_000 * ROW },
      { allowed_rows: 88_648, earned: 88_648 * ROW },
      { allowed_rows: 157_168 },
    ]);
  });

  it('gives a re-registered hotkey neither credibility nor allowance of the one before', () => {
    const parameters = { ...PARAMETERS, credibility_start_ppm: 500_000 };
    const first = scoreEpoch([miner(0, 40_000)], NO_MEMORY, parameters);
    const again = scoreEpoch([miner(0, 40_000, { registered: 2 })], first, parameters);
    expect(again.records).toEqual([{ ...first.records[0], registered: 2 }]);
    expect(again.scores[0]?.why).toMatchObject({ previous_score: 0, allowed_rows: 50_000 });
  });

  it('pays regular supply more than the same rows in one burst', () => {
    const parameters = { ...PARAMETERS, regular_epochs: 4, regularity_share_ppm: 400_000 };
    const silent = miner(1, 0, { spot: { valid: 0, invalid: 0, gone: 0, inconclusive: 0 } });
    const steady = scoreEpochs(
      Array.from({ length: 4 }, () => [miner(0, 100)]),
      parameters,
    ).at(-1);
    const burst = scoreEpochs([[silent], [silent], [silent], [miner(1, 400)]], parameters).at(-1);
    expect(steady?.scores[0]?.why).toMatchObject({ regularity_ppm: 1_000_000, earned: 100 * ROW });
    expect(burst?.scores[0]?.why).toMatchObject({ regularity_ppm: 700_000, earned: 280 * ROW });
  });

  it('cuts a site that no job names over the whole network, whoever brings it', () => {
    const own = (uid: number, rows: number) => ({
      ...miner(uid, rows),
      payable_groups: { data: [{ site: 'mine.example', author: '', payable_ppm: rows * ROW }] },
    });
    const parameters = { ...PARAMETERS, cap_floor_rows: 10, curve_exponent_milli: 1000 };
    const one = score([miner(0, 950), own(1, 20_000)], parameters);
    const many = score([miner(0, 950), ...[1, 2, 3, 4].map((uid) => own(uid, 5000))], parameters);
    // 5 % of all that is paid: 50 beside 950.
    expect(one[1]?.why).toMatchObject({
      earned: 50 * ROW,
      cuts: [{ group: 'site:mine.example', network: 20_000 * ROW, paid: 50 * ROW }],
    });
    expect(many.slice(1).reduce((sum, item) => sum + item.why.earned, 0)).toBe(50 * ROW);
    expect(many[0]?.why.earned).toBe(950 * ROW);
  });

  it('lets invented rows take nothing from an honest miner of the same site', () => {
    const of = (uid: number, rows: number, changes = {}) => ({
      ...miner(uid, rows, changes),
      payable_groups: { data: [{ site: 'both.example', author: '', payable_ppm: rows * ROW }] },
    });
    const parameters = { ...PARAMETERS, cap_floor_rows: 100 };
    const [honest] = score([of(0, 100), of(1, 100_000, checked(0, 30, 0))], parameters);
    expect(honest?.why.earned).toBe(100 * ROW);
  });
});

describe('a small network by the defaults', () => {
  it('pays two honest miners of one wanted site for their rows, and the copier nothing', () => {
    const parameters = {
      ...PARAMETERS,
      ...{
        curve_exponent_milli: 1000,
        credibility_start_ppm: 500_000,
        regular_rows: 100,
        regularity_share_ppm: 100_000,
      },
    };
    // As the run that README shows: the copier owns 20 rows, which it invented; 10 copied ones are there.
    const copied = { spot: { valid: 10, invalid: 0, gone: 20, inconclusive: 0 } };
    const all = { sampled_ppm: { data: 20 * ROW }, unproven_ppm: { data: 20 * ROW } };
    const epoch = [
      miner(0, 130, checked(29, 0, 1)),
      miner(1, 120, checked(29, 0, 0)),
      miner(2, 20, { rows_verified: 200, ...copied, ...all }),
    ];
    const weights = scoreEpochs([epoch, epoch], parameters)
      .at(-1)
      ?.scores.map(({ weight_ppb }) => weight_ppb / 1e9);
    expect(weights?.[0]).toBeCloseTo(130 / 250, 2);
    expect(weights?.[1]).toBeCloseTo(120 / 250, 2);
    expect(weights?.[2]).toBe(0);
  });
});

describe("the validator's own trouble", () => {
  const dark = { ...checked(0, 0, 0), controls: { fetched: 10, failed: 10, misread: 0 } };

  it('carries a score over two epochs, and not a third', () => {
    const scores = scoreEpochs([[miner(0, 100)], ...[1, 2, 3].map(() => [miner(0, 100, dark)])]).map(
      (epoch) => epoch.scores[0],
    );
    expect(scores.map((item) => item?.score)).toEqual([30 * ROW, 30 * ROW, 30 * ROW, 21 * ROW]);
    expect(scores.map((item) => item?.carried)).toEqual([0, 1, 2, 0]);
  });

  it('is no shelter where control fetches work', () => {
    const light = { ...dark, controls: { fetched: 10, failed: 2, misread: 0 } };
    const [, second] = scoreEpochs([[miner(0, 100)], [miner(0, 100, light)]]);
    expect(second?.scores[0]).toMatchObject({ score: 21 * ROW, carried: 0, why: { earned: 0 } });
    const [, without] = scoreEpochs([[miner(0, 100)], [miner(0, 100, checked(0, 0, 0))]]);
    expect(without?.scores[0]?.score).toBe(21 * ROW);
  });

  it('does not keep a miner up that was found wrong meanwhile', () => {
    const caught = { ...checked(2, 3, 0), controls: { fetched: 10, failed: 9, misread: 0 } };
    const [, second] = scoreEpochs([[miner(0, 100)], [miner(0, 100, caught)]]);
    expect(second?.scores[0]?.score).toBeLessThan(30 * ROW);
    expect(second?.records[0]?.credibility_ppm).toBeLessThan(1_000_000);
  });

  it('takes nothing for wrong that a broken reader found wrong', () => {
    const misread = { ...checked(0, 30, 0), controls: { fetched: 10, failed: 0, misread: 8 } };
    const [first, second] = scoreEpochs([[miner(0, 100)], [miner(0, 100, misread)]]);
    expect(second?.scores[0]).toMatchObject({ score: 30 * ROW, carried: 1, why: { invalid: 0 } });
    expect(second?.records[0]?.credibility_ppm).toBe(first?.records[0]?.credibility_ppm);
  });

  it('is left out of what the sample says', () => {
    const shaky = { ...checked(21, 0, 0), controls: { fetched: 10, failed: 3, misread: 0 } };
    const [all] = score([miner(0, 300, shaky)]);
    expect(all?.why).toMatchObject({ excused_ppm: 9 * ROW, earned: 300 * ROW });
    const parameters = { ...PARAMETERS, credibility_start_ppm: 500_000 };
    const { records } = scoreEpoch([miner(0, 300, shaky), miner(1, 300)], NO_MEMORY, parameters);
    expect(records.map(({ credibility_ppm }) => credibility_ppm)).toEqual([550_000, 550_000]);
  });
});
