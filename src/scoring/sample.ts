import { sha256 } from '../core/hash/sha256.ts';

/**
 * The seed of a check (DESIGN.md, rule 5): H(hash of a block after the fetch deadline, validator, miner, digest). Nobody
 * knows it while a manifest can still be chosen.
 */
export function sampleSeed(blockHash: string, validator: string, miner: string, digest: string): string {
  return Buffer.from(sha256(`${blockHash}.${validator}.${miner}.${digest}`)).toString('hex');
}

/**
 * `count` of `ids`, fixed by the seed alone: ids in the order of H(seed, id). The order the ids come in does not matter.
 */
export function drawSample(seed: string, ids: readonly string[], count: number): string[] {
  return ids
    .map((id) => ({ id, rank: Buffer.from(sha256(`${seed}.${id}`)) }))
    .sort((a, b) => Buffer.compare(a.rank, b.rank))
    .slice(0, count)
    .map(({ id }) => id);
}

/** How many checks go to payable rows; the rest go to all rows, and what one group can't fill goes to the other. */
export function splitSample(
  payable: number,
  others: number,
  rows: number,
  payableSharePpm: number,
): { payable: number; others: number } {
  const wanted = Math.ceil((rows * payableSharePpm) / 1_000_000);
  const fromPayable = Math.min(payable, wanted);
  const fromOthers = Math.min(others, rows - fromPayable);
  return { payable: Math.min(payable, rows - fromOthers), others: fromOthers };
}
