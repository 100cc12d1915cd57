import { compactToU8a, hexToU8a } from '@polkadot/util';
import type { CommitProof } from './commit-proof.ts';
import { ProofInvalidError, ProofNeedsArchiveError } from './errors.ts';
import { decodeHeader } from './header.ts';
import { commitmentKey, readStoredCommitment } from './stored-commitment.ts';
import { hashOf, valueInTrie } from './trie.ts';

/** What a proof shows. Whether `blockHash` is the hash of a final block of the chain is for any node, or a light client, to say. */
export interface ProvenCommit {
  blockHash: string;
  block: number;
  netuid: number;
  hotkey: string;
  /** What the hotkey's commitment said at the end of that block. */
  data: string;
  /** Block in which the commitment was made. */
  madeAt: number;
  /** Index of the extrinsic that made it, where that is in this block. */
  extrinsic: number | null;
}

/**
 * Checks a proof with nothing but its own contents. Throws ProofInvalidError where it does not hold, ProofNeedsArchiveError where the chain
 * gave none.
 */
export function verifyCommitProof(proof: CommitProof): ProvenCommit {
  const { netuid, hotkey, blockHash, block, data, state } = proof;
  const header = hexToU8a(proof.header);
  if (hex(hashOf(header)) !== blockHash) throw new ProofInvalidError(`its header is not that of block ${blockHash}`);
  const { number, stateRoot, extrinsicsRoot } = decodeHeader(header);
  if (number !== block) throw new ProofInvalidError(`its header is that of block ${number}, not ${block}`);
  if (state === null) throw new ProofNeedsArchiveError(netuid, hotkey, block);

  const value = valueInTrie(
    stateRoot,
    state.map((node) => hexToU8a(node)),
    commitmentKey(netuid, hotkey),
  );
  if (value === null) throw new ProofInvalidError(`${hotkey} held no commitment on subnet ${netuid}`);
  const stored = readStoredCommitment(value);
  if (stored.data !== data) throw new ProofInvalidError(`the commitment says ${stored.data}, not ${data}`);
  return {
    blockHash,
    block,
    netuid,
    hotkey,
    data,
    madeAt: stored.block,
    extrinsic: extrinsicOf(proof, extrinsicsRoot),
  };
}

function extrinsicOf({ extrinsic }: CommitProof, extrinsicsRoot: Uint8Array): number | null {
  if (extrinsic === null) return null;
  const nodes = extrinsic.nodes.map((node) => hexToU8a(node));
  const value = valueInTrie(extrinsicsRoot, nodes, compactToU8a(extrinsic.index));
  if (value === null || hex(value) !== extrinsic.bytes) {
    throw new ProofInvalidError(`the block's extrinsic ${extrinsic.index} is another one`);
  }
  return extrinsic.index;
}

function hex(bytes: Uint8Array): string {
  return `0x${Buffer.from(bytes).toString('hex')}`;
}
