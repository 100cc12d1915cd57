import type { BlockRef } from '../../core/chain.ts';
import { InvalidInputError } from '../../core/errors.ts';
import type { Connection } from './connection.ts';
import { viewAt } from './storage.ts';
import type { View } from './storage.ts';

/** Blocks by number, hash and finality. All reads wait out an outage. */
export interface Blocks {
  head: () => Promise<BlockRef>;
  finalized: () => Promise<BlockRef>;
  hash: (number: number) => Promise<string>;
  /** The block's extrinsics as they were sent, in hex. */
  extrinsics: (hash: string) => Promise<string[]>;
  /** Microseconds. */
  timestamp: (hash: string) => Promise<number>;
  onFinalized: (callback: (head: BlockRef) => void) => Promise<() => void>;
  /** Reads at the end of a block, the best one when no number is given. */
  at: <T>(number: number | undefined, run: (view: View) => Promise<T>) => Promise<T>;
}

export function createBlocks(connection: Connection): Blocks {
  const { api, read, send } = connection;
  const refTo = async (hash: string): Promise<BlockRef> => {
    const header = (await send('chain_getHeader', [hash])) as { number: string };
    return { number: Number(header.number), hash };
  };
  const hashOf = async (number: number): Promise<string> => {
    const hash = (await send('chain_getBlockHash', [number])) as string | null;
    if (hash === null) throw new InvalidInputError(`block ${number} is not there yet`, { block: number });
    return hash;
  };
  const head = (): Promise<BlockRef> => read(async () => refTo((await send('chain_getBlockHash', [])) as string));

  return {
    head,
    finalized: () => read(async () => refTo((await send('chain_getFinalizedHead', [])) as string)),
    hash: (number) => read(() => hashOf(number)),
    extrinsics: (hash) =>
      read(async () => {
        const { block } = (await send('chain_getBlock', [hash])) as { block: { extrinsics: string[] } };
        return block.extrinsics;
      }),
    timestamp: (hash) =>
      read(async () => {
        const view = await viewAt(connection, { number: 0, hash });
        return Number(await view.get('timestamp', 'now')) * 1000;
      }),
    onFinalized: (callback) =>
      read(() =>
        api.rpc.chain.subscribeFinalizedHeads((header) =>
          callback({ number: header.number.toNumber(), hash: header.hash.toHex() }),
        ),
      ),
    at: async (number, run) => {
      const block = number === undefined ? await head() : { number, hash: await read(() => hashOf(number)) };
      return await read(async () => run(await viewAt(connection, block)));
    },
  };
}
