/**
 * What shows, to somebody who knows a block's hash and nothing else of the chain, that a hotkey held a commitment at the end of that block.
 * It is kept beside the manifest as JSON; every binary value is hex with 0x.
 */
export interface CommitProof {
  version: 1;
  netuid: number;
  /** SS58 address. */
  hotkey: string;
  /** BLAKE2-256 of `header`. */
  blockHash: string;
  block: number;
  /** The block's header in SCALE. */
  header: string;
  /** The text that the commitment has. */
  data: string;
  /** The commitment as storage holds it, in SCALE. */
  value: string;
  /** Nodes of the state trie from the header's state root down to the commitment; null where the chain gives no read proof. */
  state: string[] | null;
  /** The extrinsic that made the commitment and the nodes of the extrinsics trie above it; null where another block's extrinsic made it. */
  extrinsic: { index: number; bytes: string; nodes: string[] } | null;
  /** Whether the header's state root can't show the commitment, so that only a node with that block's state can. */
  needsArchive: boolean;
}
