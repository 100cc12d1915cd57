import { PPM } from '../../../core/units.ts';
import { integerSqrt } from '../../fixed-power.ts';
import type { Grade, Grading } from './grade.ts';

/** A token of an answer as the verifier's model sees it. Probabilities in parts per trillion: those of unlikely tokens differ too. */
export interface SeenToken {
  /** Place among the verifier's likeliest, from 1; null outside those it lists. */
  rank: number | null;
  probability_ppt: number;
  /** That the text ends here instead. */
  end_ppt: number;
  /** That a token outside the likeliest stands here, as the verifier's model has it; counted where the answer was drawn at random. @default 0 */
  outside_ppm?: number;
}

/** What two models make of one position. */
export interface ComparedProbability {
  verifier_ppm: number;
  miner_ppm: number;
}

export interface TextProbabilityLimits {
  grading: Grading;
  top: number;
  most_outside: number;
  end_of_text_ratio: number;
  /** Mean distance up to which the score is 1, and up to which it falls to .5. */
  full_distance_ppm: number;
  half_distance_ppm: number;
}

type Reason = 'same' | 'unlikely_tokens' | 'end_passed_over' | 'other_probabilities' | 'nothing_compared';

/**
 * Vision's (SN19's) check of a text: more than 3 tokens outside the verifier's likeliest ten, or an end that was over 100 times as likely as the token
 * that stands there, score 0; then the mean distance of probabilities: up to .125 scores 1, falling to .5 at .25, beyond it 0. Source: its checking server,
 * public code.
 * Ours: what chance puts outside is allowed on top, at three standard deviations; else a long answer at temperature 1 is refused for its length alone.
 * @param tokens all of the answer
 * @param compared the positions that the verifier drew; Vision draws up to 5
 */
export function gradeTextProbabilities(
  tokens: readonly SeenToken[],
  compared: readonly ComparedProbability[],
  limits: TextProbabilityLimits,
): Grade<Reason> {
  const outside = tokens.filter(({ rank }) => rank === null || rank > limits.top).length;
  if (outside > limits.most_outside + outsideByChance(tokens)) return { score_ppm: 0, reason: 'unlikely_tokens' };
  const ratio = BigInt(limits.end_of_text_ratio);
  if (tokens.some(({ end_ppt, probability_ppt }) => BigInt(end_ppt) > ratio * BigInt(probability_ppt))) {
    return { score_ppm: 0, reason: 'end_passed_over' };
  }
  if (compared.length === 0) return { score_ppm: null, reason: 'nothing_compared' };
  const score = distanceScorePpm(compared, limits);
  if (score === 0) return { score_ppm: 0, reason: 'other_probabilities' };
  return { score_ppm: limits.grading === 'match' ? PPM : score, reason: 'same' };
}

/** Mean and three standard deviations of how many tokens fall outside: rare ones do so as in a Poisson distribution. */
function outsideByChance(tokens: readonly SeenToken[]): number {
  const mean = BigInt(tokens.reduce((sum, { outside_ppm = 0 }) => sum + outside_ppm, 0));
  const one = BigInt(PPM);
  return Number((mean + 3n * integerSqrt(mean * one)) / one);
}

function distanceScorePpm(compared: readonly ComparedProbability[], limits: TextProbabilityLimits): number {
  const distance = compared.reduce((sum, { verifier_ppm, miner_ppm }) => sum + Math.abs(verifier_ppm - miner_ppm), 0);
  const full = limits.full_distance_ppm * compared.length;
  const half = limits.half_distance_ppm * compared.length;
  if (distance <= full) return PPM;
  if (distance > half) return 0;
  return PPM - Number((BigInt(distance - full) * BigInt(PPM / 2)) / BigInt(half - full));
}
