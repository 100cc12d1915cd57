import type { BlockRef, ChainCommit, Signer } from '../core/chain.ts';

/** Bytes that a hotkey has committed in the subnet's epoch, seen at the best block. */
export interface ByteBudget {
  usedBytes: number;
  maxBytes: number;
  epoch: number;
  /** First block of the next epoch, in which the whole budget is there again. */
  refillsAtBlock: number;
  /** The block at which this was read. */
  atBlock: number;
}

/** An epoch of a subnet: `startBlock` up to, not including, `nextStartBlock`. */
export interface Epoch {
  index: number;
  startBlock: number;
  /** Blocks that an epoch lasts. */
  tempo: number;
  nextStartBlock: number;
}

/** A hotkey's place in a subnet. */
export interface Neuron {
  uid: number;
  /** SS58 addresses. */
  hotkey: string;
  coldkey: string;
  /** Block of the registration. */
  registered: number;
  /** Where it serves, if it does. */
  axon: { ip: string; port: number } | null;
  validatorPermit: boolean;
  /** RAO. */
  stake: bigint;
  /** Block of its last weights, or of its registration. */
  lastUpdate: number;
}

/** A commitment as storage holds it. */
export interface HeldCommit {
  data: string;
  /** Block in which it was made. */
  block: number;
}

/** Where an extrinsic's effect stands: a final block, and the index of its event there. */
export interface Inclusion {
  block: BlockRef;
  event: number;
}

/** Weights as they are sent: u16 values for uids. */
export interface WeightsRequest {
  netuid: number;
  uids: number[];
  weights: number[];
  /** @default the chain's own lower bound is met by 0, "any" */
  versionKey: number;
}

/**
 * The chain as Seine needs it. Reads wait for a node that is away and then throw ChainUnreachableError. Calls that sign look at the chain before they
 * send, send one extrinsic at a time for each account, wait until it is final, and can be made again after any crash: what the chain
 * already holds is not sent twice.
 */
export interface Chain {
  /** The best block. */
  head(): Promise<BlockRef>;
  finalized(): Promise<BlockRef>;
  blockHash(number: number): Promise<string>;
  /** Microseconds since 1970 that the block's author stamped. */
  timestamp(blockHash: string): Promise<number>;
  /** Calls back on each new final head (heads between two calls may be skipped); returns the way to stop. */
  onFinalized(callback: (head: BlockRef) => void): Promise<() => void>;

  /** Commitments as they stand at the end of a block that has `Commitment` events, in order of events; one for each hotkey. */
  commitsIn(netuid: number, blockNumber: number): Promise<ChainCommit[]>;
  /** The text that a hotkey's commitment has at the end of a block. */
  commitmentAt(netuid: number, hotkey: string, blockNumber: number): Promise<string | null>;
  /** What a hotkey's commitment is, and since when; at the best block, or at the end of an earlier one. */
  heldCommit(netuid: number, hotkey: string, blockNumber?: number): Promise<HeldCommit | null>;
  budget(netuid: number, hotkey: string): Promise<ByteBudget>;
  epoch(netuid: number): Promise<Epoch>;
  /** All neurons by uid, at the best block or at the end of an earlier one. */
  metagraph(netuid: number, blockNumber?: number): Promise<Neuron[]>;
  /** Null when the hotkey is not registered on the subnet. */
  registeredBlock(netuid: number, hotkey: string): Promise<number | null>;
  /** The (uid, u16) pairs that a uid has set. */
  weights(netuid: number, uid: number, blockNumber?: number): Promise<[number, number][]>;
  /** What would keep `setWeights` from working now; empty when nothing would. */
  weightObstacles(request: WeightsRequest, hotkey: string): Promise<WeightObstacle[]>;

  /**
   * Commits text as one Raw field. Throws SpaceLimitExceededError (wait), NotRegisteredError, ExtrinsicRefusedError, ChainUnreachableError
   * and OutcomeUnknownError (both: try again).
   */
  commit(request: { netuid: number; data: string; signer: Signer }): Promise<Inclusion>;
  /** Registers a hotkey for the subnet's burn, paid by the signing coldkey; nothing happens when it is registered. */
  register(request: { netuid: number; hotkey: string; signer: Signer }): Promise<{ uid: number }>;
  /** Stakes RAO of the signing coldkey on a hotkey. Not to be repeated after a crash without looking: it adds. */
  addStake(request: { netuid: number; hotkey: string; rao: bigint; signer: Signer }): Promise<Inclusion>;
  /** Publishes where the signing hotkey serves; null when the chain says so already. */
  serveAxon(request: { netuid: number; ip: string; port: number; signer: Signer }): Promise<Inclusion | null>;
  /** Throws WeightsRefusedError, naming every obstacle, before anything is sent. */
  setWeights(request: WeightsRequest & { signer: Signer }): Promise<{ block: BlockRef }>;

  close(): Promise<void>;
}

/** One reason why weights can't be set now. */
export interface WeightObstacle {
  rule:
    | 'commit_reveal'
    | 'registration'
    | 'stake'
    | 'permit'
    | 'rate_limit'
    | 'version_key'
    | 'lengths'
    | 'uids'
    | 'too_few';
  /** What is wrong and what to do about it. */
  message: string;
  /** Block from which on it may pass by itself; null when waiting does not help. */
  passesAtBlock: number | null;
}
