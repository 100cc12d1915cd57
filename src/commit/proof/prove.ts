import { hexToU8a, u8aToHex } from '@polkadot/util';
import { InvalidInputError, messageOf } from '../../core/errors.ts';
import { indexKey, orderedTrie, proofOf, trieRoot } from '../../core/trie.ts';
import type { Blocks } from '../subtensor/blocks.ts';
import { isOutage } from '../subtensor/outage.ts';
import type { Connection } from '../subtensor/connection.ts';
import type { CommitProof } from './commit-proof.ts';
import { ProofInvalidError } from './errors.ts';
import { decodeHeader } from './header.ts';
import { commitmentKey, readStoredCommitment } from './stored-commitment.ts';
import { verifyCommitProof } from './verify.ts';

type Source = Pick<Blocks, 'hash' | 'at' | 'withState' | 'extrinsics'>;

/** See Chain.proveCommit. The proof is verified before it is given away; what the chain can't prove is left out of it. */
export async function proveCommit(
  blocks: Source,
  request: { netuid: number; hotkey: string; block: number },
): Promise<CommitProof> {
  const { netuid, hotkey, block } = request;
  const key = u8aToHex(commitmentKey(netuid, hotkey));
  const blockHash = await blocks.hash(block);
  const read = await blocks.withState(block, async (from) => {
    const [header, value] = await Promise.all([
      from.send('chain_getHeader', [blockHash]),
      from.send('state_getStorage', [key, blockHash]),
    ]);
    return {
      header: from.api.registry.createType('Header', header).toU8a(),
      value: value as string | null,
      state: await readProof(from, key, blockHash),
    };
  });
  const { header, value } = read;
  if (value === null) {
    throw new InvalidInputError(`${hotkey} held no commitment on subnet ${netuid} at block ${block}`, request);
  }
  const stored = readStoredCommitment(hexToU8a(value));
  const proof: CommitProof = {
    version: 1,
    netuid,
    hotkey,
    blockHash,
    block,
    header: u8aToHex(header),
    data: stored.data,
    value,
    state: read.state,
    extrinsic: stored.block === block ? await proveExtrinsic(blocks, { ...request, blockHash }, header) : null,
    needsArchive: read.state === null,
  };
  if (proof.state !== null && !holds(proof)) return { ...proof, state: null, needsArchive: true };
  return proof;
}

/** Null where the node makes none. */
async function readProof(from: Connection, key: string, blockHash: string): Promise<string[] | null> {
  try {
    const answer = (await from.send('state_getReadProof', [[key], blockHash])) as { proof: string[] };
    return answer.proof;
  } catch (error) {
    if (isOutage(error) || !/method not found|not supported|unsafe/i.test(messageOf(error))) throw error;
    return null;
  }
}

/** The extrinsic that made the hotkey's commitment in a block; null where the block's root is not that of its extrinsics. */
async function proveExtrinsic(
  blocks: Source,
  at: { netuid: number; hotkey: string; block: number; blockHash: string },
  header: Uint8Array,
): Promise<CommitProof['extrinsic']> {
  const index = await blocks.at({ number: at.block, hash: at.blockHash }, async (view) => {
    const events = (await view.events()).filter(
      ({ pallet, name, data: [subnet, who] }) =>
        pallet === 'commitments' &&
        /^(?:Timelock)?Commitment$/.test(name) &&
        Number(subnet) === at.netuid &&
        who === at.hotkey,
    );
    return events.at(-1)?.extrinsic ?? null;
  });
  if (index === null) return null;
  const extrinsics = (await blocks.extrinsics(at.blockHash)).map((extrinsic) => hexToU8a(extrinsic));
  const bytes = extrinsics[index];
  if (bytes === undefined) return null;
  const { extrinsicsRoot } = decodeHeader(header);
  // FRAME hashes long extrinsics only from system version 2 on.
  for (const version of [0, 1] as const) {
    const trie = orderedTrie(extrinsics, version);
    if (trieRoot(trie) === u8aToHex(extrinsicsRoot)) {
      return { index, bytes: u8aToHex(bytes), nodes: proofOf(trie, [indexKey(index)]) };
    }
  }
  return null;
}

function holds(proof: CommitProof): boolean {
  try {
    verifyCommitProof(proof);
    return true;
  } catch (error) {
    if (error instanceof ProofInvalidError) return false;
    throw error;
  }
}
