import { join } from 'node:path';
import type { Redis } from 'ioredis';
import { rebuildIndex } from '../../../activities/rebuild-index.ts';
import type { Rebuilt } from '../../../activities/rebuild-index.ts';
import { ChainStateDiscardedError } from '../../commit/chain-errors.ts';
import type { Chain } from '../../commit/chain-port.ts';
import { decodeCommitment } from '../../commit/commitment.ts';
import { openCommitIndex } from '../../commit/indexer/commit-index.ts';
import { createIndexer } from '../../commit/indexer/indexer.ts';
import { createJudgedCommits } from '../../commit/judged-commits.ts';
import type { JudgedCommits } from '../../commit/judged-commits.ts';
import type { VerdictEntry } from '../../commit/verdict-log/entry.ts';
import { createVerdictLog } from '../../commit/verdict-log/verdict-log.ts';
import type { VerdictLog } from '../../commit/verdict-log/verdict-log.ts';
import type { Settings } from '../../config/load.ts';
import { createFileStore } from '../../datasets/storage.ts';
import type { OwnersDigest } from '../../dedup/owners-digest.ts';
import { clearOwners } from '../../dedup/owners-upkeep.ts';
import { createOwners } from '../../dedup/owners.ts';
import type { Owners } from '../../dedup/owners.ts';
import { connectRedis } from '../../redis/connect.ts';
import { canonicalId } from '../../scrapers/sources.ts';
import type { Output } from '../output.ts';
import { hotkeyOf } from '../wallet.ts';

/** A validator's index and what it is rebuilt from. */
export interface IndexTools {
  hotkey: string;
  redis: Redis;
  owners: Owners;
  log: VerdictLog;
  /** Reads commitments, judgements and owners again from chain, shards and log. What is there already stays. */
  rebuild(chain: Chain): Promise<Rebuilt>;
  /** Rebuilds the owners apart from those in use and gives the digests of both. */
  compare(chain: Chain): Promise<{ kept: OwnersDigest; rebuilt: OwnersDigest; from: Rebuilt }>;
  close(): void;
}

export async function openIndexTools(settings: Settings, out: Output): Promise<IndexTools> {
  const { values } = settings;
  const { netuid } = values;
  const signer = await hotkeyOf(settings);
  const hotkey = signer.address;
  const [redis, state] = await Promise.all([
    connectRedis(values['redis.index_url']),
    connectRedis(values['redis.state_url']),
  ]);
  const log = createVerdictLog({ redis: state, signer, netuid });
  const store = createFileStore(join(values.home, 'operators', hotkey.slice(0, 8), 'objects'));
  const renewedAfterBlocks = values['parameters.renewed_after_blocks'];
  const owners = createOwners({ redis, hotkey, renewedAfterBlocks });
  const fill = (chain: Chain, into: Owners, judged: Pick<JudgedCommits, 'judge'>): Promise<Rebuilt> =>
    rebuildIndex({
      ...{ entries: () => log.entries(), store, owners: into, judged },
      canonicalId,
      onChain: (commit) => manifestOnChain(chain, commit),
      progress: ({ commits, rows }) =>
        out.progress({ step: `claiming ${rows} rows of the log's commitments`, done: commits }),
    });

  return {
    ...{ hotkey, redis, owners, log },
    async rebuild(chain) {
      const index = await openCommitIndex({ url: values['redis.index_url'], hotkey, netuid });
      try {
        const first = await firstBlock(log.entries());
        if (first !== null) {
          out.progress({ step: `reading the chain from block ${first}` });
          await createIndexer({ chain, index, netuid }).readTo((await chain.finalized()).number, { from: first });
        }
        return await fill(chain, owners, createJudgedCommits({ redis, index, hotkey, netuid }));
      } finally {
        await index.close();
      }
    },
    async compare(chain) {
      const apart = `${hotkey}:rebuilt`;
      await clearOwners(redis, apart);
      try {
        const rebuilt = createOwners({ redis, hotkey: apart, renewedAfterBlocks });
        const from = await fill(chain, rebuilt, { judge: () => Promise.resolve() });
        return { kept: await owners.snapshotDigest(), rebuilt: await rebuilt.snapshotDigest(), from };
      } finally {
        await clearOwners(redis, apart);
      }
    },
    close() {
      redis.disconnect();
      state.disconnect();
    },
  };
}

/** The block of the first commitment that the log tells of. */
async function firstBlock(entries: AsyncIterable<VerdictEntry>): Promise<number | null> {
  let first: number | null = null;
  for await (const { note } of entries) {
    if (note.kind === 'judged') first = Math.min(note.commit.block, first ?? Infinity);
  }
  return first;
}

async function manifestOnChain(
  chain: Chain,
  { netuid, hotkey, block }: { netuid: number; hotkey: string; block: number },
): Promise<string | null> {
  try {
    const text = await chain.commitmentAt(netuid, hotkey, block);
    const commitment = text === null ? null : decodeCommitment(text);
    return commitment?.kind === 'manifest' ? commitment.manifest : 'none';
  } catch (error) {
    if (error instanceof ChainStateDiscardedError) return null;
    throw error;
  }
}
