import type { BlockRef } from '../../core/chain.ts';
import { BlockNotThereError, ChainStateDiscardedError } from '../chain-errors.ts';
import type { Connection } from './connection.ts';
import { isDiscarded, isUnknownBlock } from './outage.ts';
import { viewAt } from './storage.ts';
import type { View } from './storage.ts';

/** Blocks by number, hash and finality. All reads wait out an outage. */
export interface Blocks {
  head: () => Promise<BlockRef>;
  finalized: () => Promise<BlockRef>;
  /** Throws BlockNotThereError. */
  hash: (number: number) => Promise<string>;
  /** The block's extrinsics as they were sent, in hex. */
  extrinsics: (hash: string) => Promise<string[]>;
  /** Microseconds. */
  timestamp: (hash: string) => Promise<number>;
  onFinalized: (callback: (head: BlockRef) => void) => Promise<() => void>;
  /** Reads at the end of a block, the best one when no number is given. */
  at: <T>(block: number | BlockRef | undefined, run: (view: View) => Promise<T>) => Promise<T>;
  /** Asks the archive where the node has let go of the state. Throws ChainStateDiscardedError when there is none. */
  withState: <T>(block: number | string, run: (connection: Connection) => Promise<T>) => Promise<T>;
}

/** How often a block that the node does not know is looked for again, and the pause before. A node that lags catches up within a block. */
const LOOKS = 5;
const PAUSE_MS = 400;

/** `archive` opens the archive's connection at the first call and gives the same one later; null where none is configured. */
export function createBlocks(connection: Connection, archive: (() => Promise<Connection>) | null): Blocks {
  const refTo = async (hash: string): Promise<BlockRef> => {
    const header = (await connection.send('chain_getHeader', [hash])) as { number: string } | null;
    if (header === null) throw new BlockNotThereError(hash);
    return { number: Number(header.number), hash };
  };
  const hashOf = async (number: number): Promise<string> => {
    const hash = (await connection.send('chain_getBlockHash', [number])) as string | null;
    if (hash === null) throw new BlockNotThereError(number);
    return hash;
  };
  const headNow = async (): Promise<BlockRef> => refTo((await connection.send('chain_getBlockHash', [])) as string);
  const finalizedNow = async (): Promise<BlockRef> =>
    refTo((await connection.send('chain_getFinalizedHead', [])) as string);
  /** A read that finds its block by itself, so that it can be made again by a node that knows another head. */
  const read = <T>(run: () => Promise<T>): Promise<T> =>
    connection.read(async () => {
      for (let look = 1; ; look++) {
        try {
          return await run();
        } catch (error) {
          if (look === LOOKS || !isUnknownBlock(error) || isDiscarded(error)) throw error;
          await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
        }
      }
    });
  const withState = async <T>(block: number | string, run: (from: Connection) => Promise<T>): Promise<T> => {
    try {
      return await read(() => run(connection));
    } catch (error) {
      if (!isDiscarded(error)) throw error;
      if (archive === null) throw new ChainStateDiscardedError(block, error);
      const other = await archive();
      return await other.read(() => run(other));
    }
  };

  return {
    head: () => read(headNow),
    finalized: () => read(finalizedNow),
    hash: (number) => connection.read(() => hashOf(number)),
    extrinsics: (hash) =>
      connection.read(async () => {
        const found = (await connection.send('chain_getBlock', [hash])) as { block: { extrinsics: string[] } } | null;
        if (found === null) throw new BlockNotThereError(hash);
        return found.block.extrinsics;
      }),
    timestamp: (hash) =>
      withState(
        hash,
        async (from) => Number(await (await viewAt(from, { number: 0, hash })).get('timestamp', 'now')) * 1000,
      ),
    onFinalized: (callback) =>
      connection.read(() =>
        connection.api.rpc.chain.subscribeFinalizedHeads((header) =>
          callback({ number: header.number.toNumber(), hash: header.hash.toHex() }),
        ),
      ),
    at: (place, run) => {
      if (typeof place === 'object') return withState(place.number, async (from) => run(await viewAt(from, place)));
      if (place === undefined) return read(async () => run(await viewAt(connection, await headNow())));
      return withState(place, async (from) => run(await viewAt(from, { number: place, hash: await hashOf(place) })));
    },
    withState,
  };
}

/** Waits until a block's number is final. */
export async function finality(blocks: Pick<Blocks, 'finalized'>, number: number): Promise<void> {
  for (let pauseMs = 40; (await blocks.finalized()).number < number; pauseMs = Math.min(pauseMs * 1.5, 1000)) {
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}
