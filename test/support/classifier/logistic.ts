import { drawsFrom } from '../../../src/inference/prompts/prompt-seed.ts';
import { HASHED } from './seen-request.ts';
import type { Features, Labelled } from './seen-request.ts';

const EPOCHS = 25;
const RATE = 0.1;
const DECAY = 1e-4;

/** Logistic regression by AdaGrad over standardised numbers and hashed features, weighted so that each request's have length 1. Higher: rather synthetic. */
export function trainLogistic(training: readonly Labelled[], seed: string): (item: Features) => number {
  const draws = drawsFrom(`logistic.${seed}`);
  const standard = standardiser(training);
  const rarity = raritiesOf(training);
  const width = training[0]?.dense.length ?? 0;
  const weights = new Float64Array(width + HASHED + 1);
  const squares = new Float64Array(weights.length).fill(1e-6);
  const rows = training.map((item) => ({ row: rowOf(item, standard, rarity, width), synthetic: item.synthetic }));
  for (let step = 0; step < EPOCHS * rows.length; step++) {
    const { row, synthetic } = rows[draws.below(rows.length)] ?? { row: [], synthetic: false };
    const error = sigmoid(sumOf(row, weights)) - (synthetic ? 1 : 0);
    for (const [index, value] of row) {
      const slope = error * value + DECAY * (weights[index] ?? 0);
      squares[index] = (squares[index] ?? 0) + slope * slope;
      weights[index] = (weights[index] ?? 0) - (RATE * slope) / Math.sqrt(squares[index]);
    }
  }
  return (item) => sumOf(rowOf(item, standard, rarity, width), weights);
}

type Row = readonly (readonly [index: number, value: number])[];

function rowOf(
  item: Features,
  standard: (dense: readonly number[]) => number[],
  rarity: Float64Array,
  width: number,
): Row {
  const length = Math.sqrt(item.present.reduce((sum, bucket) => sum + (rarity[bucket] ?? 0) ** 2, 0)) || 1;
  return [
    // Numbers count together as much as all that is hashed.
    ...standard(item.dense).map((value, index) => [index, value / Math.sqrt(width)] as const),
    ...item.present.map((bucket) => [width + bucket, (rarity[bucket] ?? 0) / length] as const),
    [width + HASHED, 1] as const,
  ];
}

/** Logarithm of how rare a feature is among those trained on; one that comes once says nothing. */
function raritiesOf(training: readonly Labelled[]): Float64Array {
  const counts = new Float64Array(HASHED);
  for (const { present } of training) for (const bucket of present) counts[bucket] = (counts[bucket] ?? 0) + 1;
  return counts.map((count) => (count < 2 ? 0 : Math.log(1 + training.length / count)));
}

function standardiser(training: readonly Labelled[]): (dense: readonly number[]) => number[] {
  const width = training[0]?.dense.length ?? 0;
  const scales = Array.from({ length: width }, (_, index) => {
    const values = training.map(({ dense }) => dense[index] ?? 0);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const spread = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
    return { mean, spread: spread || 1 };
  });
  return (dense) =>
    scales.map(({ mean, spread }, index) => Math.max(-4, Math.min(4, ((dense[index] ?? mean) - mean) / spread)));
}

function sumOf(row: Row, weights: Float64Array): number {
  return row.reduce((sum, [index, value]) => sum + value * (weights[index] ?? 0), 0);
}

function sigmoid(value: number): number {
  return 1 / (1 + Math.exp(-value));
}
