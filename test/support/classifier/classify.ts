import { drawsFrom } from '../../../src/inference/prompts/prompt-seed.ts';
import { featuresOf } from './features.ts';
import { trainLogistic } from './logistic.ts';
import type { Labelled, SeenRequest } from './seen-request.ts';
import { trainStumps } from './stumps.ts';

/** How well each model tells the kinds apart on the half that it never saw. */
export interface Told {
  logistic: number;
  stumps: number;
  /** The larger of the two, taken on the held-out half itself: rather too high than too low. */
  best: number;
}

/** Trains both models on a drawn half of the requests and says their AUC on the other. */
export function tellApart(seen: readonly SeenRequest[], seed: string): Told {
  return toldBy(seen, seed, (isDrawn) => isDrawn);
}

/** Holds out each half in its turn and says the mean AUCs: a smaller error from the same requests. */
export function tellApartBothWays(seen: readonly SeenRequest[], seed: string): Told {
  return meanOf([tellApart(seen, seed), toldBy(seen, seed, (isDrawn) => !isDrawn)]);
}

function meanOf(told: readonly Told[]): Told {
  const mean = (of: (one: Told) => number): number => told.reduce((sum, one) => sum + of(one), 0) / told.length;
  const [logistic, stumps] = [mean((one) => one.logistic), mean((one) => one.stumps)];
  return { logistic, stumps, best: Math.max(logistic, stumps) };
}

function toldBy(seen: readonly SeenRequest[], seed: string, isTraining: (isDrawn: boolean) => boolean): Told {
  const inOrder = [...seen].sort((a, b) => a.arrivedMs - b.arrivedMs);
  // Drawn by what a request is, not by when it came: which half it is in must not depend on how busy the machine was.
  const training = inOrder.map(({ body }) => isTraining(drawsFrom(`half.${seed}.${body}`).chance(500_000)));
  const features = featuresOf(inOrder, training);
  return scoresOf(
    features.filter((_, index) => training[index] === true),
    features.filter((_, index) => training[index] !== true),
    seed,
  );
}

function scoresOf(training: readonly Labelled[], heldOut: readonly Labelled[], seed: string): Told {
  const synthetic = heldOut.map((item) => item.synthetic);
  const logistic = auc(heldOut.map(trainLogistic(training, seed)), synthetic);
  const stumps = auc(heldOut.map(trainStumps(training)), synthetic);
  return { logistic, stumps, best: Math.max(logistic, stumps) };
}

/** The chance that a synthetic request is scored above another; ties count half. */
export function auc(scores: readonly number[], synthetic: readonly boolean[]): number {
  const ranked = scores
    .map((score, index) => ({ score, isYes: synthetic[index] === true }))
    .sort((a, b) => a.score - b.score);
  let [rankSum, at] = [0, 0];
  while (at < ranked.length) {
    let end = at;
    while (end < ranked.length && ranked[end]?.score === ranked[at]?.score) end++;
    const rank = (at + end + 1) / 2;
    rankSum += rank * ranked.slice(at, end).filter(({ isYes }) => isYes).length;
    at = end;
  }
  const yes = ranked.filter(({ isYes }) => isYes).length;
  return (rankSum - (yes * (yes + 1)) / 2) / (yes * (ranked.length - yes));
}
