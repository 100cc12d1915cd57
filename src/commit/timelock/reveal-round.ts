import { roundAt, type Beacon } from '../../core/drand/beacon.ts';
import { InvalidInputError } from '../../core/errors.ts';

/** When a subnet's epochs start, as seen from the newest block. */
export interface EpochSchedule {
  /** The newest block. */
  block: number;
  /** The first block after it that starts an epoch, as `get_next_epoch_start_block` tells. */
  nextEpochBlock: number;
  /** Blocks from one start to the next. */
  blocksPerEpoch: number;
}

/**
 * The schedule of chains that keep epochs in storage (mid-2026 and later). `pendingEpochAt` is the block of an epoch that the owner asked
 * for, 0 where none is due. InvalidInputError where tempo is 0: such a subnet runs no epochs.
 */
export function storedSchedule({
  block,
  lastEpochBlock,
  pendingEpochAt,
  tempo,
}: {
  block: number;
  lastEpochBlock: number;
  pendingEpochAt: number;
  tempo: number;
}): EpochSchedule {
  assertTempo(tempo);
  const due = lastEpochBlock + tempo;
  const next = pendingEpochAt > 0 ? Math.min(due, pendingEpochAt) : due;
  return { block, nextEpochBlock: Math.max(next, block + 1), blocksPerEpoch: tempo };
}

/** The schedule of older chains, which divide block numbers: an epoch starts where (block + netuid + 1) is a multiple of (tempo + 1). */
export function dividedSchedule({
  block,
  netuid,
  tempo,
}: {
  block: number;
  netuid: number;
  tempo: number;
}): EpochSchedule {
  assertTempo(tempo);
  const blocksPerEpoch = tempo + 1;
  const nextEpochBlock = block + blocksPerEpoch - ((block + netuid + 1) % blocksPerEpoch);
  return { block, nextEpochBlock, blocksPerEpoch };
}

/**
 * The first block in which the chain can reveal weights that are sent now. They land in the next block; where that one starts an epoch, they
 * belong to it. They are revealed from the start of the epoch that is `revealPeriodEpochs` later, in each of its blocks until the
 * round's signature is there; when that epoch ends, they are lost.
 */
export function firstRevealBlock(
  { block, nextEpochBlock, blocksPerEpoch }: EpochSchedule,
  revealPeriodEpochs: number,
): number {
  const starts = nextEpochBlock === block + 1 ? revealPeriodEpochs : revealPeriodEpochs - 1;
  return nextEpochBlock + starts * blocksPerEpoch;
}

/**
 * The round to encrypt weights to, as `bittensor-drand` 2.0.0 chooses it (`get_encrypted_commit_v2`): the newest but one that is out when the
 * third block after the first that can reveal is due. Earlier would show the weights before their epoch.
 */
export function revealRound({
  schedule,
  revealPeriodEpochs,
  blockTimeSeconds,
  nowSeconds,
  beacon,
}: {
  schedule: EpochSchedule;
  revealPeriodEpochs: number;
  blockTimeSeconds: number;
  /** Unix time at which `schedule.block` is the newest. */
  nowSeconds: number;
  beacon: Beacon;
}): number {
  const blocks = firstRevealBlock(schedule, revealPeriodEpochs) + BLOCKS_OF_GRACE - schedule.block;
  return Math.max(1, roundAt(beacon, nowSeconds + blocks * blockTimeSeconds) - 1);
}

function assertTempo(tempo: number): void {
  if (tempo < 1)
    throw new InvalidInputError('the subnet has tempo 0: it runs no epochs, and weights are never revealed');
}

const BLOCKS_OF_GRACE = 3;
