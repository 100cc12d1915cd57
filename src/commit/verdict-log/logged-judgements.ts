import type { Digest } from '../../core/manifest.ts';
import type { JudgedCommits } from '../judged-commits.ts';
import type { Mirror } from '../mirror.ts';
import type { VerdictLog } from './verdict-log.ts';

/**
 * Judged commitments that are written to the log of verdicts before they count, and whose accepted bytes are kept for other validators.
 * @param deps.wanted digest of the list of wanted jobs, which must be in the object store
 */
export function logJudgements(
  judged: JudgedCommits,
  deps: { log: VerdictLog; mirror: Mirror; wanted: Digest; timestamp: (blockHash: string) => Promise<number> },
): JudgedCommits {
  return {
    async judge(commit, judgement) {
      const committed_at = await deps.timestamp(commit.blockHash);
      await deps.log.append({ kind: 'judged', commit, committed_at, wanted: deps.wanted, judgement });
      if (judgement.status === 'accepted') {
        const digests = [commit.manifest, ...judgement.shards.map(({ sha256 }) => sha256)];
        await deps.mirror.keep(digests, commit.block);
      }
      await judged.judge(commit, judgement);
    },
    between: (start, end) => judged.between(start, end),
  };
}
