import type { BlockRef, ChainCommit, Signer } from '../core/chain.ts';
import type { Beacon } from '../core/drand/beacon.ts';
import type { CommitProof } from './proof/commit-proof.ts';

/**
 * Bytes that a hotkey has committed in the subnet's epoch, seen at the best block. A chain that limits commitments by blocks has a budget of one
 * Raw field, 128 bytes, that is there again when the blocks have passed.
 */
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

/** What a commitment is: text, or text that nobody can read before a round of the chain's beacon. */
export type CommitContent = { kind: 'text'; round: null } | { kind: 'timelocked'; round: number };

/** A commitment as storage holds it. */
export type HeldCommit = CommitContent & {
  /** The bytes of its `Raw` fields, joined; empty where all of it is time-locked. */
  data: string;
  /** Block in which it was made. */
  block: number;
};

/** A commitment as it stood at the end of the block in which it was made. */
export type StandingCommit = ChainCommit & CommitContent;

/** What a time-locked commitment said. */
export interface RevealedCommit {
  data: string;
  /** Block in which the chain revealed it. */
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
  /** At least the subnet's own, where it has one. */
  versionKey: number;
  /**
   * Block that these weights were made at. Nobody can read time-locked weights, so one of this hotkey's that was committed after this block is
   * taken for these, and they are not sent again. @default only what this connection sent itself is known
   */
  since?: number;
}

/** How weights went: at once, or encrypted until a round of the chain's beacon. */
export interface WeightsSet {
  block: BlockRef;
  road: 'plain' | 'timelocked';
  /** Null for plain weights, and for time-locked ones that the chain has revealed already. */
  revealRound: number | null;
}

/** What a subnet asks of its neurons; blocks, and parts of 65535 where not said otherwise. */
export interface Hyperparameters {
  tempo: number;
  maxUids: number;
  maxValidators: number;
  immunityBlocks: number;
  /** RAO that a registration costs now. */
  burnRao: bigint;
  registrationAllowed: boolean;
  minAllowedWeights: number;
  maxWeightsLimit: number;
  weightsVersionKey: number;
  weightsRateLimitBlocks: number;
  servingRateLimitBlocks: number;
  commitReveal: boolean;
  /** Epochs between committed weights and their reveal. */
  revealPeriodEpochs: number;
  /** RAO below which a hotkey sets no weights. */
  stakeThresholdRao: bigint;
}

/** What the connected chain's metadata says of itself. Never kept from one connection to the next. */
export interface ChainShape {
  specName: string;
  specVersion: number;
  /** Fields that one commitment may have. */
  maxFields: number;
  /** How often a hotkey may commit, as it stood when the connection was made: so many bytes an epoch, or once in so many blocks. */
  rateLimit: { kind: 'bytes'; bytesPerEpoch: number } | { kind: 'blocks'; blocks: number };
  supports: {
    timelockedCommitments: boolean;
    timelockedWeights: boolean;
    /** Epochs are counted by the chain; elsewhere they follow from the block number. */
    epochIndex: boolean;
    removeStake: boolean;
  };
}

/** What each signing call needs to know. */
export interface Calls {
  commit: {
    netuid: number;
    data: string;
    /**
     * Block of the commitment that the hotkey holds as the caller knows it, null for none: where another has come since, nothing is sent and
     * CommitOvertakenError thrown. @default whatever it holds
     */
    heldSince?: number | null;
  };
  /** `data` is encrypted to the beacon's `round`, at most 1024 bytes. */
  commitTimelocked: { netuid: number; data: Uint8Array; round: number };
  register: { netuid: number; hotkey: string };
  addStake: { netuid: number; hotkey: string; rao: bigint };
  removeStake: { netuid: number; hotkey: string; rao: bigint };
  serveAxon: { netuid: number; ip: string; port: number };
  setWeights: WeightsRequest;
}

/** A call with the address that would sign it. */
export type PlannedCall = {
  [Name in keyof Calls]: { call: Name; signer: { address: string } } & Calls[Name];
}[keyof Calls];

/** What a signing call would do, without doing it. */
export interface Plan {
  /** `pallet.call`, in camel case. */
  call: string;
  /** Arguments in order, by their names in camel case. */
  args: Record<string, unknown>;
  /** Address that would sign. */
  signer: string;
  /** RAO; an estimate by the chain itself. */
  feeRao: bigint;
  /** All that would make the call fail now. */
  obstacles: Obstacle[];
  /** The chain holds already what the call is for: nothing would be sent. */
  done: boolean;
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

  /** Commitments as they stand at the end of a block that has events of them, in order of events; one for each hotkey. */
  commitsIn(netuid: number, blockNumber: number): Promise<StandingCommit[]>;
  /** The text that a hotkey's commitment has at the end of a block. */
  commitmentAt(netuid: number, hotkey: string, blockNumber: number): Promise<string | null>;
  /** What a hotkey's commitment is, and since when; at the best block, or at the end of an earlier one. */
  heldCommit(netuid: number, hotkey: string, blockNumber?: number): Promise<HeldCommit | null>;
  /** What the chain has revealed of a hotkey's time-locked commitments, oldest first; it keeps the last ten. */
  revealedCommits(netuid: number, hotkey: string, blockNumber?: number): Promise<RevealedCommit[]>;
  /**
   * What shows that a hotkey held its commitment at the end of a final block to somebody who knows that block's hash. See verifyCommitProof in
   * proof/verify.ts. Throws InvalidInputError where it held none.
   */
  proveCommit(request: { netuid: number; hotkey: string; block: number }): Promise<CommitProof>;
  budget(netuid: number, hotkey: string): Promise<ByteBudget>;
  epoch(netuid: number): Promise<Epoch>;
  /** All neurons by uid, at the best block or at the end of an earlier one. */
  metagraph(netuid: number, blockNumber?: number): Promise<Neuron[]>;
  /** Null when the hotkey is not registered on the subnet. */
  registeredBlock(netuid: number, hotkey: string): Promise<number | null>;
  /** The (uid, u16) pairs that a uid has set. */
  weights(netuid: number, uid: number, blockNumber?: number): Promise<[number, number][]>;
  /** The subnet owner's hotkey, with its uid where it is registered; weight for that uid is burnt. Null when there is no such subnet. */
  subnetOwner(netuid: number): Promise<{ hotkey: string; uid: number | null } | null>;
  /** Null when there is no such subnet. */
  hyperparameters(netuid: number): Promise<Hyperparameters | null>;
  /** Free RAO. */
  balance(address: string): Promise<bigint>;
  /** The drand beacon that the chain reveals by. */
  beacon(): Promise<Beacon>;
  shape(): ChainShape;
  /** What would keep `setWeights` from working now, by the road that the subnet takes; empty when nothing would. */
  weightObstacles(request: WeightsRequest, hotkey: string): Promise<WeightObstacle[]>;

  /** What a signing call would send and cost, and what is in its way. Sends nothing and needs no key. */
  plan(call: PlannedCall): Promise<Plan>;

  /**
   * Commits text as one Raw field. Throws SpaceLimitExceededError (wait), NotRegisteredError, ExtrinsicRefusedError, ChainUnreachableError
   * and OutcomeUnknownError (both: try again).
   */
  commit(request: Signed<'commit'>): Promise<Inclusion>;
  /** Commits text that the chain reveals at a round of its beacon; throws as `commit` does. */
  commitTimelocked(request: Signed<'commitTimelocked'>): Promise<Inclusion>;
  /** Registers a hotkey for the subnet's burn, paid by the signing coldkey; nothing happens when it is registered. */
  register(request: Signed<'register'>): Promise<{ uid: number }>;
  /** Stakes RAO of the signing coldkey on a hotkey. Not to be repeated after a crash without looking: it adds. */
  addStake(request: Signed<'addStake'>): Promise<Inclusion>;
  /** Takes stake back to the signing coldkey, `rao` of the subnet's alpha. Not to be repeated after a crash without looking. */
  removeStake(request: Signed<'removeStake'>): Promise<Inclusion>;
  /** Publishes where the signing hotkey serves; null when the chain says so already. */
  serveAxon(request: Signed<'serveAxon'>): Promise<Inclusion | null>;
  /**
   * Sets weights plainly, or commits them encrypted where the subnet demands it. Throws WeightsRefusedError, naming every obstacle, before
   * anything is sent.
   */
  setWeights(request: Signed<'setWeights'>): Promise<WeightsSet>;

  close(): Promise<void>;
}

/** A signing call as it is made. */
export type Signed<Name extends keyof Calls> = Calls[Name] & { signer: Signer };

/** One reason why a call can't work now. */
export interface Obstacle {
  rule: string;
  /** What is wrong and what to do about it. */
  message: string;
  /** Block from which on it may pass by itself; null when waiting does not help. */
  passesAtBlock: number | null;
}

/** One reason why weights can't be set now. */
export interface WeightObstacle extends Obstacle {
  rule:
    | 'commit_reveal'
    | 'unrevealed'
    | 'registration'
    | 'stake'
    | 'permit'
    | 'rate_limit'
    | 'version_key'
    | 'lengths'
    | 'uids'
    | 'too_few'
    | 'too_large';
}
