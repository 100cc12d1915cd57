/** How exactly an answer must match: 0 or 1, or also what lies between. */
export type Grading = 'match' | 'graded';

/** What a check makes of an answer, and what decided it. */
export interface Grade<Reason extends string> {
  /** 0 to 1,000,000; null where there was nothing to compare, which is inconclusive. */
  score_ppm: number | null;
  reason: Reason;
}
