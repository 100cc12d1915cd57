import { describe, expect, it } from 'vitest';
import { averageHash, hashDistance } from '../../../src/scoring/inference/checks/average-hash.ts';
import { gradeEmbedding } from '../../../src/scoring/inference/checks/embedding-cosine.ts';
import { gradeImageMatch } from '../../../src/scoring/inference/checks/image-match.ts';
import { gradeImageSimilarity, sameHashPpm } from '../../../src/scoring/inference/checks/image-similarity.ts';
import { openImageScorePpm } from '../../../src/scoring/inference/checks/open-image.ts';
import { gradeTextProbabilities } from '../../../src/scoring/inference/checks/text-probabilities.ts';
import { gradeTopTokens } from '../../../src/scoring/inference/checks/text-top-tokens.ts';

describe('a text by ranks and probabilities', () => {
  const limits = {
    ...{ grading: 'graded' as const, top: 10, most_outside: 3, end_of_text_ratio: 100 },
    ...{ full_distance_ppm: 125_000, half_distance_ppm: 250_000 },
  };
  const token = { rank: 1, probability_ppt: 900_000_000_000, end_ppt: 1000 };
  const outside = { rank: null, probability_ppt: 10, end_ppt: 0 };
  const apart = (ppm: number) => ({ verifier_ppm: 500_000, miner_ppm: 500_000 - ppm });

  it.each([
    [0, 1_000_000],
    [125_000, 1_000_000],
    [150_000, 900_000],
    [250_000, 500_000],
    [260_000, 0],
  ])('mean distance %d scores %d', (ppm, score) => {
    expect(gradeTextProbabilities([token], [apart(ppm), apart(-ppm)], limits).score_ppm).toBe(score);
    const match = gradeTextProbabilities([token], [apart(ppm)], { ...limits, grading: 'match' });
    expect(match.score_ppm).toBe(score > 0 ? 1_000_000 : 0);
  });

  it('takes the mean of positions', () => {
    expect(gradeTextProbabilities([token], [apart(300_000), apart(0)], limits).score_ppm).toBe(900_000);
    expect(gradeTextProbabilities([token], [apart(300_000)], limits).reason).toBe('other_probabilities');
  });

  it('lets three tokens be outside the likeliest ten, whatever the drawn positions say', () => {
    const eleventh = { ...token, rank: 11 };
    const three = [outside, outside, eleventh];
    expect(gradeTextProbabilities([token, ...three], [apart(0)], limits).score_ppm).toBe(1_000_000);
    const refused = { score_ppm: 0, reason: 'unlikely_tokens' };
    expect(gradeTextProbabilities([token, ...three, outside], [apart(0)], limits)).toEqual(refused);
  });

  it('allows what chance puts outside on top, at three standard deviations', () => {
    // 400 positions with .01 outside: 4 by the mean, 6 by its deviation.
    const many = Array.from({ length: 400 }, (_, index) => ({
      ...token,
      outside_ppm: 10_000,
      rank: index < 13 ? 11 : 1,
    }));
    expect(gradeTextProbabilities(many, [apart(0)], limits).score_ppm).toBe(1_000_000);
    expect(gradeTextProbabilities([...many, outside], [apart(0)], limits).reason).toBe('unlikely_tokens');
  });

  it('refuses a text that passes over its end', () => {
    const at = (end_ppt: number) => [{ rank: 2, probability_ppt: 1000, end_ppt }];
    expect(gradeTextProbabilities(at(100_000), [apart(0)], limits).score_ppm).toBe(1_000_000);
    const refused = { score_ppm: 0, reason: 'end_passed_over' };
    expect(gradeTextProbabilities(at(100_001), [apart(0)], limits)).toEqual(refused);
  });

  it('is inconclusive where nothing can be compared', () => {
    expect(gradeTextProbabilities([token], [], limits)).toEqual({ score_ppm: null, reason: 'nothing_compared' });
  });
});

describe('a text by its likeliest tokens', () => {
  const limits = { grading: 'match' as const, top: 5, overlap_ppm: 850_000 };
  const five = ['a', 'b', 'c', 'd', 'e'];

  it('overlaps above .85', () => {
    // 5 + 4 + 4 of 15 are .8667; 5 + 4 + 3 are .8.
    const four = ['e', 'd', 'c', 'b', 'x'];
    expect(gradeTopTokens([five, four, four], [five, five, five], limits).score_ppm).toBe(1_000_000);
    const three = ['e', 'd', 'c', 'x', 'y', 'a', 'b'];
    const other = gradeTopTokens([five, four, three], [five, five, five], limits);
    expect(other).toEqual({ score_ppm: 0, reason: 'other_tokens' });
    // Of four 5 + 4 + 4 + 4 are .85: not above.
    expect(gradeTopTokens([five, four, four, four], [five, five, five, five], limits).score_ppm).toBe(0);
    const graded = gradeTopTokens([five, four, three], [five, five, five], { ...limits, grading: 'graded' });
    expect(graded.score_ppm).toBe(800_000);
  });

  it('lacks what a short answer lacks', () => {
    expect(gradeTopTokens([five], [five, five], limits).score_ppm).toBe(0);
    expect(gradeTopTokens([], [], limits).score_ppm).toBeNull();
  });
});

describe('an image by cosine and average hash', () => {
  const limits = { match_cosine_ppm: 900_000, least_cosine_ppm: 400_000, most_hash_bits: 6 };
  const graded = { ...limits, grading: 'graded' as const };
  const match = { ...limits, grading: 'match' as const };

  it.each([
    [900_001, 1_000_000],
    [900_000, 1_000_000],
    [700_000, 512_000],
    [500_000, 216_000],
    [400_000, 0],
    [-1_000_000, 0],
  ])('cosine %d is graded %d', (cosine_ppm, score) => {
    expect(gradeImageMatch({ cosine_ppm, hash_bits: 0 }, graded).score_ppm).toBe(score);
    const isSame = cosine_ppm > 900_000;
    expect(gradeImageMatch({ cosine_ppm, hash_bits: 0 }, match).score_ppm).toBe(isSame ? 1_000_000 : 0);
  });

  it('lets six bits differ', () => {
    expect(gradeImageMatch({ cosine_ppm: 990_000, hash_bits: 6 }, match).score_ppm).toBe(1_000_000);
    const other = { score_ppm: 0, reason: 'other_hash' };
    expect(gradeImageMatch({ cosine_ppm: 990_000, hash_bits: 7 }, match)).toEqual(other);
    expect(gradeImageMatch({ cosine_ppm: 990_000, hash_bits: 7 }, graded).score_ppm).toBe(1_000_000);
  });

  it('hashes what is brighter than the mean', () => {
    const half = Array.from({ length: 64 }, (_, index) => (index < 32 ? 200 : 10));
    expect(averageHash(half)).toBe('ffffffff00000000');
    expect(averageHash(new Uint8Array(64))).toBe('0000000000000000');
    const changed = half.map((shade, index) => (index === 63 ? 255 : shade));
    expect(hashDistance(averageHash(changed), averageHash(half))).toBe(1);
    expect(hashDistance('ffffffffffffffff', '0000000000000000')).toBe(64);
    expect(() => averageHash([1])).toThrow(RangeError);
  });
});

describe('an image by cosine, hashes and safety', () => {
  const limits = { grading: 'graded' as const, match_ppm: 950_000 };
  const flagged = { miner: false, verifier: false };

  it.each([
    // .4 x 1 + .6 x .98² = .97624
    [1_000_000, 980_000, 1_000_000],
    // .4 x .9 + .6 x .81 = .846, squared
    [810_000, 900_000, 715_716],
    [0, 0, 0],
    [0, -1_000_000, 0],
  ])('hashes %d and cosine %d score %d', (same_hash_ppm, cosine_ppm, score) => {
    expect(gradeImageSimilarity({ same_hash_ppm, cosine_ppm, flagged }, limits).score_ppm).toBe(score);
    const match = gradeImageSimilarity({ same_hash_ppm, cosine_ppm, flagged }, { ...limits, grading: 'match' });
    expect(match.score_ppm).toBe(score === 1_000_000 ? score : 0);
  });

  it('refuses another safety flag', () => {
    const same = { same_hash_ppm: 1_000_000, cosine_ppm: 1_000_000, flagged: { miner: false, verifier: true } };
    expect(gradeImageSimilarity(same, limits)).toEqual({ score_ppm: 0, reason: 'safety_flag' });
  });

  it('takes hashes half of whose bits differ for unrelated', () => {
    expect([sameHashPpm([0, 0]), sameHashPpm([16, 0]), sameHashPpm([32, 64])]).toEqual([1_000_000, 750_000, 0]);
    expect(() => sameHashPpm([])).toThrow(RangeError);
  });
});

it.each([
  [1_000_000, 7000, 1_000_000],
  [1_000_000, 3500, 500_000],
  [0, 5250, 250_000],
  [500_000, 9000, 750_000],
  [500_000, 0, 250_000],
])('an open image of adherence %d and aesthetic %d scores %d', (adherence, aesthetic, score) => {
  const limits = { adherence_share_ppm: 500_000, aesthetic_zero_milli: 3500, aesthetic_one_milli: 7000 };
  expect(openImageScorePpm(adherence, aesthetic, limits)).toBe(score);
});

it('an embedding is the model’s from the threshold on', () => {
  const limits = { grading: 'match' as const, match_cosine_ppm: 990_000 };
  expect(gradeEmbedding(990_000, limits).score_ppm).toBe(1_000_000);
  expect(gradeEmbedding(989_999, limits)).toEqual({ score_ppm: 0, reason: 'other_embedding' });
  expect(gradeEmbedding(989_999, { ...limits, grading: 'graded' }).score_ppm).toBe(989_999);
});
