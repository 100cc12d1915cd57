import { createRandom } from '../../../src/scoring/simulation/random.ts';
import type { Fault } from '../../../src/scoring/simulation/run.ts';
import type { Sighting } from '../../../src/scoring/verdict.ts';

export const FAULTS = ['429', '5xx', 'time-outs', 'parser', 'index lost', 'disk full', 'clock skew'] as const;
export type FaultName = (typeof FAULTS)[number];

/** Faults that leave no check readable. */
export const TOTAL: readonly FaultName[] = ['429', 'parser', 'clock skew'];

/** Which fault each epoch has: troubles of one or two epochs with one to four clean ones between; at least three after each fourth. */
export function drawFaults(seed: string, epochs: number): (FaultName | null)[] {
  const random = createRandom(seed);
  const drawn: (FaultName | null)[] = Array.from({ length: 5 }, () => null);
  for (let trouble = 1; drawn.length < epochs; trouble += 1) {
    const fault = FAULTS[random.below(FAULTS.length)] ?? '429';
    for (let left = 1 + random.below(2); left > 0; left -= 1) drawn.push(fault);
    const clean = trouble % 4 === 0 ? 3 : 1 + random.below(4);
    for (let left = clean; left > 0; left -= 1) drawn.push(null);
  }
  return drawn.slice(0, epochs);
}

export function faultOf(name: FaultName, epoch: number): Fault {
  if (name === 'index lost') return { indexLost: true };
  if (name === 'disk full') return { unscored: true };
  if (name === 'parser') return { see: (seen) => (seen.outcome === 'shown' ? { ...seen, text: 'menu' } : seen) };
  if (name === '429') return { see: () => unreachable('status_429') };
  // A clock that is wrong by years refuses every certificate.
  if (name === 'clock skew') return { see: () => unreachable('certificate') };
  const [ppm, reason] = name === '5xx' ? [600_000, 'status_503'] : [300_000, 'timeout'];
  return { see: (seen, id) => (createRandom(`${epoch}.${id}`).chance(ppm) ? unreachable(reason) : seen) };
}

function unreachable(reason: string): Sighting {
  return { outcome: 'unreachable', reason };
}
