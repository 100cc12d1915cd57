import type { HexString } from '@polkadot/util/types';
import type { Archive, ArchivedBlock } from './archive.ts';
import type { BlockProducer } from './block-producer.ts';
import type { ChainControls } from './controls.ts';
import type { Executor } from './executor.ts';
import { RpcError, type RpcSession } from './rpc-session.ts';
import type { TransactionRefusal } from './transaction-refusal.ts';

export interface RpcContext {
  archive: Archive;
  executor: Executor;
  producer: BlockProducer;
  controls: ChainControls;
  /** How many final blocks keep their state; undefined where all do. */
  stateBlocks: number | undefined;
}

/** Answers one call of a client. Parameters are whatever the client sent. */
export type RpcMethod = (params: readonly unknown[], session: RpcSession) => unknown;

/** A transaction's hash, or its refusal as an error. */
export function accepted(outcome: HexString | TransactionRefusal): HexString {
  if (typeof outcome === 'string') return outcome;
  throw new RpcError(outcome.code, outcome.message, outcome.data);
}

/** Bytes in hex. Substrate takes them without the prefix too, and Python's client sends some so. */
export function hex(value: unknown): HexString {
  const digits = typeof value === 'string' ? /^(?:0x)?((?:[0-9a-f]{2})*)$/i.exec(value)?.[1] : undefined;
  if (digits === undefined) throw new RpcError(-32602, 'hex bytes expected');
  return `0x${digits.toLowerCase()}`;
}

export function hexes(values: unknown): HexString[] {
  if (!Array.isArray(values)) throw new RpcError(-32602, 'a list of hex bytes expected');
  return values.map(hex);
}

/** The block of a hash, the best without one; null where there is none. Retracted blocks are still known by their hashes. */
export function blockAt(archive: Archive, hash: unknown): ArchivedBlock | null {
  return hash === undefined || hash === null ? archive.head : (archive.byHash(hex(hash)) ?? null);
}

/** The block whose state is asked for. Refuses as a Substrate node does where it does not know the block or has pruned its state. */
export function stateAt({ archive, stateBlocks }: RpcContext, hash: unknown): ArchivedBlock {
  const block = blockAt(archive, hash);
  if (block === null) {
    throw new RpcError(4003, `Client error: UnknownBlock: Header was not found in the database: ${String(hash)}`);
  }
  const kept = archive.isBest(block) ? (stateBlocks ?? Infinity) : 0;
  if (stateBlocks !== undefined && block.number + kept <= archive.final.number) {
    throw new RpcError(4003, `Client error: UnknownBlock: State already discarded for ${block.hash}`);
  }
  return block;
}
