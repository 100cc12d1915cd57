import type { UidWeight } from './emission-pools.ts';
import type { MinerCounts } from './counts.ts';
import type { MinerScore, PreviousScore } from './epoch-scores.ts';
import type { InferenceEvidence } from './inference/inference-evidence.ts';
import type { ScoringParameters } from './parameters.ts';
import type { TrackRecord } from './track-record.ts';
import type { Sign } from './signs.ts';
import type { Verdict } from './verdict.ts';

/** A commitment as the validator judged it. */
export interface EvidenceCommit {
  hotkey: string;
  registered: number;
  block: number;
  event: number;
  /** Time of the block, microseconds since 1970. */
  committed_at: number;
  /** Digest of the committed manifest. */
  manifest: string;
  rows: number;
  status: 'accepted' | 'rejected' | 'void';
  reason: string;
}

export interface EvidenceMiner extends MinerCounts {
  /** Rows that earned nothing, by reason. */
  rejected: Record<string, number>;
  /** What is unusual about all rows together. Beyond a limit twice as many rows are checked. */
  signs: readonly Sign[];
  /** Digest of the rows that were drawn to be checked, with their commitments; null of a miner that committed nothing. */
  sample: string | null;
  verdicts: Verdict[];
}

/** Everything that the scores of one epoch were computed from (DESIGN.md, "Evidence bundle"). Canonical JSON. */
export interface Evidence {
  version: 1;
  netuid: number;
  /** SS58 address. */
  validator: string;
  epoch: number;
  /** Commits of blocks (start, end] count. */
  start: number;
  end: number;
  seed_block: { number: number; hash: string };
  parameters: ScoringParameters;
  /** SHA-256 of the list of wanted jobs. */
  wanted: string;
  commits: EvidenceCommit[];
  miners: EvidenceMiner[];
  /** Digest of the evidence of the epoch before, whose scores and records these are. */
  previous: string | null;
  previous_scores: PreviousScore[];
  previous_records: TrackRecord[];
  /** One of each miner in each pool. */
  scores: MinerScore[];
  /** What the next epoch remembers, one of each miner. */
  records: TrackRecord[];
  /** Absent where no task was paid, as from every bundle that is older than inference. */
  inference?: InferenceEvidence;
  /** Who gets the share of a pool in which nobody scored; null: nobody. */
  burn_uid: number | null;
  /** Over all pools. */
  weights_ppb: UidWeight[];
  /** As they were sent to the chain. */
  weights: { uids: number[]; values: number[] };
}
