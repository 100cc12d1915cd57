import type { CapParameters } from './caps.ts';
import type { CredibilityParameters } from './credibility.ts';
import type { EmissionPool } from './emission-pools.ts';
import type { FreshnessParameters } from './freshness.ts';
import type { InferenceParameters } from './inference/inference-scores.ts';
import type { RegularityParameters } from './regularity.ts';

/** How data is scored: by Seine's own rules, or as SN6 (D3) or SN13 published theirs. */
export type Formula = 'seine' | 'd3' | 'sn13';

/** The numbers a validator scores by; written into every evidence bundle. Those of inference are not in bundles older than it, which have none of it either. */
export interface ScoringParameters
  extends CapParameters, CredibilityParameters, FreshnessParameters, InferenceParameters, RegularityParameters {
  formula: Formula;
  /** What the emission is divided into; a wanted job names the pool that pays its rows. */
  pools: readonly EmissionPool[];
  /** Share of an epoch's earnings in the new score; the rest is the score before. */
  score_alpha_ppm: number;
  /** Exponent of the reward curve in thousandths; at least 1000, so that splitting into many keys gains nothing. */
  curve_exponent_milli: number;
  /** Rate of deleted pages that the source itself explains. */
  not_found_baseline_ppm: number;
  /** Rows that are checked of each miner in an epoch. */
  sample_rows: number;
  /** Share of the sample that is drawn among rows that would pay. */
  sample_payable_share_ppm: number;
  /** Rows that a new hotkey is paid for in an epoch at most. */
  allowance_rows: number;
  /** Bytes that one manifest's shards may have in all. */
  allowance_bytes: number;
  /** Blocks after a commit within which its bytes must be had. */
  fetch_deadline_blocks: number;
  /** Manifests that may hang unanchored between two commitments; all of them count from the block that anchored them. */
  max_unanchored: number;
  /** Blocks after which a changed page is owned anew. */
  renewed_after_blocks: number;
  /** Blocks after a commitment for which validators give each other its bytes. */
  mirror_blocks: number;
}
