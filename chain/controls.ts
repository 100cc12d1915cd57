import type { HexString } from '@polkadot/util/types';
import { InvalidInputError } from '../src/core/errors.ts';
import type { BlockProducer, Reorganisation } from './block-producer.ts';
import type { Inherents } from './inherents.ts';

/** What tests do to a chain that no network would let them; by RPC as `dev_*` too. */
export interface ChainControls {
  /** Builds blocks at once; gives the hash of the last. */
  newBlocks(count: number): Promise<HexString>;
  /** Keeps the final block this many blocks behind the best until it is changed; 0 finalises at once. What is final stays so. */
  setFinality(lag: number): Promise<void>;
  /** Replaces the newest blocks by a longer branch; gives the new best block's hash. Throws ReorganisationError where one is final. */
  reorganise(how: Reorganisation): Promise<HexString>;
  /** Has the beacon publish a round in a block of its own, before its time if need be; gives the block's hash. */
  publishRound(round: number): Promise<HexString>;
  /** Closes all connections at once. */
  dropConnections(): void;
}

const MAX_BLOCKS_PER_CALL = 1000;

/** The controls of a chain. Throw InvalidInputError for what makes no sense. */
export function chainControls(
  producer: BlockProducer,
  inherents: Inherents,
  dropConnections: () => void,
): ChainControls {
  return {
    newBlocks: async (count) => {
      if (!isCount(count) || count < 1 || count > MAX_BLOCKS_PER_CALL) {
        throw new InvalidInputError(`count is 1 to ${MAX_BLOCKS_PER_CALL}`);
      }
      for (let built = 1; built < count; built++) await producer.build();
      return (await producer.build()).hash;
    },
    setFinality: async (lag) => {
      if (!isCount(lag)) throw new InvalidInputError('lag is a number of blocks, 0 or more');
      await producer.setFinality(lag);
    },
    reorganise: async (how) => {
      if (!isCount(how.depth) || !['requeue', 'drop'].includes(how.transactions)) {
        throw new InvalidInputError('depth is a number of blocks, transactions is "requeue" or "drop"');
      }
      return (await producer.reorganise(how)).hash;
    },
    publishRound: async (round) => {
      if (!isCount(round) || round < 1) throw new InvalidInputError('round is a whole number from 1 on');
      inherents.publish(round);
      return (await producer.build()).hash;
    },
    dropConnections,
  };
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
