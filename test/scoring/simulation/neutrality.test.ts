import { beforeAll, describe, expect, it } from 'vitest';
import type { MinerScore } from '../../../src/scoring/epoch-scores.ts';
import { run } from '../../../src/scoring/simulation/run.ts';
import type { Player } from '../../../src/scoring/simulation/miners.ts';
import { honest } from '../../../src/scoring/simulation/strategies/honest.ts';
import { turnBad } from '../../../src/scoring/simulation/strategies/inventing.ts';
import { createWorld } from '../../../src/scoring/simulation/world.ts';
import { drawFaults, faultOf, TOTAL } from './faults.ts';
import { rules, scenario } from './scenarios.ts';

/* A validator's trouble costs no honest miner: 500 epochs with faults beside the same 500 without. */
const EPOCHS = 500;
const TURNS_BAD = 250;
const CHEATER = 2;
const SEED = 'neutrality';
const faults = drawFaults(SEED, EPOCHS);

let clean: MinerScore[][];
let faulty: (MinerScore[] | null)[];

beforeAll(() => {
  const player = (name: string, strategy: Player['strategy']): Player => ({ name, strategy, keys: 1, rows: () => 40 });
  const players = [player('a', honest), player('b', honest), player('cheater', turnBad(TURNS_BAD, 'unread'))];
  const given = {
    scenario: scenario('attacks', { epochs: EPOCHS }),
    rules,
    seed: SEED,
    world: createWorld(SEED),
    players,
  };
  const scores = (withFaults: boolean): (MinerScore[] | null)[] => {
    const injected = (epoch: number) => {
      const name = faults[epoch];
      return withFaults && name != null ? faultOf(name, epoch) : null;
    };
    return run({ ...given, formulas: ['seine'], faultOf: injected }).byFormula.get('seine')?.scores[0] ?? [];
  };
  clean = scores(false) as MinerScore[][];
  faulty = scores(true);
}, 240_000);

const scoreAt = (scores: readonly (MinerScore[] | null)[], epoch: number, uid: number): MinerScore | null =>
  scores[epoch]?.find((score) => score.uid === uid) ?? null;

describe("a validator's trouble", () => {
  it('comes in every kind, to every kind of epoch', () => {
    expect(new Set(faults).size).toBe(8);
    expect(faults.filter((fault) => fault !== null).length).toBeGreaterThan(150);
  });

  it('never lowers an honest score below what was seen valid or what it was', () => {
    for (let epoch = 1; epoch < EPOCHS; epoch += 1) {
      for (const uid of [0, 1]) {
        const score = scoreAt(faulty, epoch, uid);
        if (score === null || score.why.formula !== 'seine') continue;
        const { payable_ppm, sampled_ppm, unproven_ppm, credibility_ppm, regularity_ppm, previous_score } = score.why;
        const seenValid = (payable_ppm * (sampled_ppm - unproven_ppm)) / Math.max(sampled_ppm, 1);
        const supplied = (seenValid * credibility_ppm * regularity_ppm) / 1e12;
        const moved = previous_score * 0.7 + supplied * 0.3;
        expect(score.score, `epoch ${epoch}, ${faults[epoch]}`).toBeGreaterThanOrEqual(
          Math.min(previous_score, moved) * 0.99999,
        );
      }
    }
  });

  it('carries honest scores over where nothing could be read', () => {
    let carried = 0;
    faults.forEach((fault, epoch) => {
      if (fault === null || !TOTAL.includes(fault)) return;
      for (const uid of [0, 1]) {
        const score = scoreAt(faulty, epoch, uid);
        expect(score?.score, `epoch ${epoch}, ${fault}`).toBeGreaterThanOrEqual(score?.why.previous_score ?? NaN);
        carried += score?.carried ?? 0;
      }
    });
    expect(carried).toBeGreaterThan(50);
  });

  it('is forgotten: clean epochs earn what they would have, and after three of them scores are those without it', () => {
    const ratios: number[] = [];
    // Credibility is gained in epochs that are read only: a newcomer's comes later, and by now both have nearly all of it.
    for (let epoch = 150; epoch < EPOCHS; epoch += 1) {
      if (faults.slice(epoch - 2, epoch + 1).some((fault) => fault !== null)) continue;
      for (const uid of [0, 1]) {
        const gap = (at: number): number =>
          (scoreAt(faulty, at, uid)?.score ?? 0) - (scoreAt(clean, at, uid)?.score ?? NaN);
        const earned = [faulty, clean].map((scores) => scoreAt(scores, epoch, uid)?.why.earned ?? NaN) as [
          number,
          number,
        ];
        expect(Math.abs(earned[0] / earned[1] - 1)).toBeLessThan(0.002);
        // What an epoch that was not read would have added or taken by luck in sampling fades as any score does.
        expect(Math.abs(gap(epoch))).toBeLessThanOrEqual(Math.abs(gap(epoch - 2)) * 0.49 + 60_000);
        ratios.push(1 + gap(epoch) / (scoreAt(clean, epoch, uid)?.score ?? NaN));
      }
    }
    expect(ratios.length).toBeGreaterThan(50);
    for (const ratio of ratios) expect(Math.abs(ratio - 1)).toBeLessThan(0.03);
    const mean = ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length;
    expect(Math.abs(mean - 1)).toBeLessThan(0.002);
  });

  it('shelters no cheater', () => {
    const shareOf = (epoch: number): number =>
      (scoreAt(faulty, epoch, CHEATER)?.score ?? 0) / (scoreAt(faulty, epoch, 0)?.score ?? 1);
    expect(shareOf(TURNS_BAD - 3)).toBeGreaterThan(0.9);
    expect(shareOf(TURNS_BAD + 25)).toBeLessThan(0.05);
    for (let epoch = TURNS_BAD; epoch < EPOCHS; epoch += 1) {
      const score = scoreAt(faulty, epoch, CHEATER);
      if (score !== null) expect(score.score, `epoch ${epoch}`).toBeLessThanOrEqual(score.why.previous_score);
    }
  });
});
