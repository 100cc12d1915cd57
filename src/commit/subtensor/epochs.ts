import type { ByteBudget, Epoch } from '../chain-port.ts';
import type { View } from './storage.ts';

/** The subnet's epoch at the view's block. Epochs are stateful: read, never computed from block numbers. */
export async function readEpoch(view: View, netuid: number): Promise<Epoch> {
  const [index, startBlock, tempo, next] = await Promise.all([
    view.get('subtensorModule', 'subnetEpochIndex', netuid),
    view.get('subtensorModule', 'lastEpochBlock', netuid),
    view.get('subtensorModule', 'tempo', netuid),
    view.call('subnetInfoRuntimeApi', 'getNextEpochStartBlock', netuid),
  ]);
  const start = Number(startBlock);
  // A subnet without a tempo has no next epoch; its first one lasts.
  const nextStartBlock = next === null ? Number.MAX_SAFE_INTEGER : Number(next);
  return { index: Number(index), startBlock: start, tempo: Number(tempo), nextStartBlock };
}

export async function readBudget(view: View, netuid: number, hotkey: string): Promise<ByteBudget> {
  const [epoch, usage, maxSpace] = await Promise.all([
    readEpoch(view, netuid),
    view.get('commitments', 'usedSpaceOf', netuid, hotkey),
    view.get('commitments', 'maxSpace'),
  ]);
  const used = usage as { lastEpoch: number; usedSpace: number } | null;
  return {
    usedBytes: used !== null && Number(used.lastEpoch) === epoch.index ? Number(used.usedSpace) : 0,
    maxBytes: Number(maxSpace),
    epoch: epoch.index,
    refillsAtBlock: epoch.nextStartBlock,
    atBlock: view.block.number,
  };
}
