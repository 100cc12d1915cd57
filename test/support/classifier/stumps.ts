import { HASHED } from './seen-request.ts';
import type { Features, Labelled } from './seen-request.ts';

const ROUNDS = 80;
const SHRINKAGE = 0.2;
/** Cuts that are tried of each number. */
const CUTS = 16;
/** Hashed features that differ most between the kinds among those trained on. */
const MOST_HASHED = 300;

interface Question {
  of: (item: Features) => boolean;
  yes: Uint8Array;
}

/** Gradient boosting of one-question trees (a number over a cut, or a hashed feature there) on the logistic loss. Higher: rather synthetic. */
export function trainStumps(training: readonly Labelled[]): (item: Features) => number {
  const questions = [...cutsOf(training), ...presencesOf(training)].map((of) => ({
    of,
    yes: Uint8Array.from(training, (item) => (of(item) ? 1 : 0)),
  }));
  const sums = new Float64Array(training.length);
  const trees: { of: Question['of']; yes: number; no: number }[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const chances = sums.map((sum) => 1 / (1 + Math.exp(-sum)));
    const slopes = chances.map((chance, index) => (training[index]?.synthetic === true ? 1 : 0) - chance);
    const bends = chances.map((chance) => chance * (1 - chance));
    const best = bestOf(questions, slopes, bends);
    if (best === null) break;
    trees.push({ of: best.question.of, yes: SHRINKAGE * best.yes, no: SHRINKAGE * best.no });
    sums.forEach((_, index) => {
      sums[index] = (sums[index] ?? 0) + SHRINKAGE * (best.question.yes[index] === 1 ? best.yes : best.no);
    });
  }
  return (item) => trees.reduce((sum, { of, yes, no }) => sum + (of(item) ? yes : no), 0);
}

/** The question whose two answers, each a Newton step, lower the loss most. */
function bestOf(questions: readonly Question[], slopes: Float64Array, bends: Float64Array) {
  const total = { slope: sum(slopes), bend: sum(bends) };
  let best: { question: Question; gain: number; yes: number; no: number } | null = null;
  for (const question of questions) {
    let [slope, bend] = [0, 0];
    for (let index = 0; index < slopes.length; index++) {
      if (question.yes[index] !== 1) continue;
      slope += slopes[index] ?? 0;
      bend += bends[index] ?? 0;
    }
    const [otherSlope, otherBend] = [total.slope - slope, total.bend - bend];
    const gain = slope ** 2 / (bend + 1) + otherSlope ** 2 / (otherBend + 1);
    if (best === null || gain > best.gain) {
      best = { question, gain, yes: slope / (bend + 1), no: otherSlope / (otherBend + 1) };
    }
  }
  return best;
}

function cutsOf(training: readonly Labelled[]): Question['of'][] {
  return (training[0]?.dense ?? []).flatMap((_, index) => {
    const values = training.map(({ dense }) => dense[index] ?? 0).sort((a, b) => a - b);
    const cuts = Array.from({ length: CUTS }, (_cut, at) => values[Math.floor((at * values.length) / CUTS)] ?? 0);
    return [...new Set(cuts)].map((cut) => (item: Features) => (item.dense[index] ?? 0) > cut);
  });
}

function presencesOf(training: readonly Labelled[]): Question['of'][] {
  const counts = { synthetic: new Float64Array(HASHED), other: new Float64Array(HASHED) };
  for (const { present, synthetic } of training) {
    const side = synthetic ? counts.synthetic : counts.other;
    for (const bucket of present) side[bucket] = (side[bucket] ?? 0) + 1;
  }
  return Array.from({ length: HASHED }, (_, bucket) => {
    const [here, there] = [counts.synthetic[bucket] ?? 0, counts.other[bucket] ?? 0];
    return { bucket, difference: (here - there) ** 2 / (here + there + 1) };
  })
    .sort((a, b) => b.difference - a.difference)
    .slice(0, MOST_HASHED)
    .map(
      ({ bucket }) =>
        (item: Features) =>
          item.present.includes(bucket),
    );
}

function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0);
}
