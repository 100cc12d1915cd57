/** Blocks of an epoch, as on a subnet with the usual tempo. */
export const EPOCH_BLOCKS = 360;

const BLOCK_US = 12_000_000;

/** Time of a block in microseconds. */
export function timeOf(block: number): number {
  return block * BLOCK_US;
}

export function firstBlockOf(epoch: number): number {
  return epoch * EPOCH_BLOCKS + 1;
}
