import type { ByteBudget, ChainShape, Epoch } from '../chain-port.ts';
import { dividedSchedule } from '../timelock/reveal-round.ts';
import type { View } from './storage.ts';

const PALLET = 'subtensorModule';
/** Bytes of the largest Raw field, and so of the one commitment that older chains take at a time. */
const MAX_RAW_BYTES = 128;

/** The subnet's epoch at the view's block: read where the chain counts epochs, else computed as chains before 2026 do. */
export async function readEpoch(view: View, netuid: number): Promise<Epoch> {
  const tempo = Number(await view.get(PALLET, 'tempo', netuid));
  if (!view.has(PALLET, 'subnetEpochIndex')) return dividedEpoch(view.block.number, netuid, tempo);
  const [index, startBlock, next] = await Promise.all([
    view.get(PALLET, 'subnetEpochIndex', netuid),
    view.get(PALLET, 'lastEpochBlock', netuid),
    view.call('subnetInfoRuntimeApi', 'getNextEpochStartBlock', netuid),
  ]);
  // A subnet without a tempo has no next epoch; its first one lasts.
  const nextStartBlock = next === null ? Number.MAX_SAFE_INTEGER : Number(next);
  return { index: Number(index), startBlock: Number(startBlock), tempo, nextStartBlock };
}

/** Epochs that start where (block + netuid + 1) is a multiple of (tempo + 1). */
export function dividedEpoch(block: number, netuid: number, tempo: number): Epoch {
  if (tempo === 0) return { index: 0, startBlock: 0, tempo, nextStartBlock: Number.MAX_SAFE_INTEGER };
  const { nextEpochBlock, blocksPerEpoch } = dividedSchedule({ block, netuid, tempo });
  const index = Math.floor((block + netuid + 1) / blocksPerEpoch);
  return { index, startBlock: Math.max(0, nextEpochBlock - blocksPerEpoch), tempo, nextStartBlock: nextEpochBlock };
}

/**
 * What a hotkey may still commit. Chains that limit by blocks take one commitment in so many: there the budget is that one, and refills
 * when the blocks have passed.
 */
export async function readBudget(view: View, netuid: number, hotkey: string): Promise<ByteBudget> {
  const atBlock = view.block.number;
  const epoch = await readEpoch(view, netuid);
  if (!view.has('commitments', 'maxSpace')) {
    const [last, blocks] = [
      await view.get('commitments', 'lastCommitment', netuid, hotkey),
      await readBlockLimit(view),
    ];
    const refillsAtBlock = last === null ? atBlock + 1 : Math.max(atBlock + 1, Number(last) + blocks);
    const usedBytes = refillsAtBlock > atBlock + 1 ? MAX_RAW_BYTES : 0;
    return { usedBytes, maxBytes: MAX_RAW_BYTES, epoch: epoch.index, refillsAtBlock, atBlock };
  }
  const [usage, maxSpace] = await Promise.all([
    view.get('commitments', 'usedSpaceOf', netuid, hotkey),
    view.get('commitments', 'maxSpace'),
  ]);
  const used = usage as { lastEpoch: number; usedSpace: number } | null;
  return {
    usedBytes: used !== null && Number(used.lastEpoch) === epoch.index ? Number(used.usedSpace) : 0,
    maxBytes: Number(maxSpace),
    epoch: epoch.index,
    refillsAtBlock: epoch.nextStartBlock,
    atBlock,
  };
}

/** How often a hotkey may commit. */
export async function readRateLimit(view: View): Promise<ChainShape['rateLimit']> {
  return view.has('commitments', 'maxSpace')
    ? { kind: 'bytes', bytesPerEpoch: Number(await view.get('commitments', 'maxSpace')) }
    : { kind: 'blocks', blocks: await readBlockLimit(view) };
}

/** Blocks between two commitments of a hotkey on chains without a byte budget. */
async function readBlockLimit(view: View): Promise<number> {
  if (view.has('commitments', 'rateLimit')) return Number(await view.get('commitments', 'rateLimit'));
  return Number(view.constant('commitments', 'rateLimit') ?? view.constant('commitments', 'defaultRateLimit') ?? 0);
}
