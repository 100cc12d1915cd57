/** The numbers a validator scores by; written into every evidence bundle. */
export interface ScoringParameters {
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
  /** Blocks after a commit within which its bytes must be had. */
  fetch_deadline_blocks: number;
}
