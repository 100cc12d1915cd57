import { existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { CAPACITY_PARAMETERS } from '../scoring/inference/paid-capacity.ts';
import type { ScoringParameters } from '../scoring/parameters.ts';
import type { Scenario } from '../scoring/simulation/scenario.ts';
import { messageOf } from '../core/errors.ts';
import { UsageError } from './usage-error.ts';

const whole = z.int().min(0);
const some = z.int().min(1).max(10_000);

const parameters = z.strictObject({
  formula: z.enum(['seine', 'd3', 'sn13']),
  pools: z.array(z.strictObject({ name: z.string(), share_ppm: whole })).min(1),
  score_alpha_ppm: whole,
  curve_exponent_milli: z.int().min(1000),
  not_found_baseline_ppm: whole,
  sample_rows: some,
  sample_payable_share_ppm: whole,
  allowance_rows: whole,
  allowance_bytes: whole,
  fetch_deadline_blocks: whole,
  max_unanchored: whole,
  renewed_after_blocks: whole,
  mirror_blocks: whole,
  cap_site_ppm: whole,
  cap_author_ppm: whole,
  cap_floor_rows: whole,
  credibility_start_ppm: whole,
  credibility_gain_ppm: whole,
  credibility_loss_ppm: whole,
  freshness_bonus_ppm: whole,
  freshness_hours: whole,
  regular_epochs: some,
  regular_rows: whole,
  regularity_share_ppm: whole,
  // Data alone is simulated: what inference is scored by is the same for all scenarios.
  inference_formula: z.literal('seine').default('seine'),
  capacity_window_periods: some.default(CAPACITY_PARAMETERS.capacity_window_periods),
  capacity_right_share_ppm: whole.default(CAPACITY_PARAMETERS.capacity_right_share_ppm),
  capacity_growth_ppm: whole.default(CAPACITY_PARAMETERS.capacity_growth_ppm),
  capacity_first_share_ppm: whole.default(CAPACITY_PARAMETERS.capacity_first_share_ppm),
}) satisfies z.ZodType<ScoringParameters>;

const scenario = z.strictObject({
  version: z.literal(1),
  title: z.string(),
  epochs: some,
  runs: some,
  peers: some,
  validators: some,
  rows: some,
  costs: z.strictObject({ fetch: whole, commit: some, key: whole }),
  parameters,
  attacks: z
    .array(
      z.strictObject({
        id: z.string(),
        tries: z.string(),
        closed_by: z.string(),
        strategy: z.intersection(
          z.object({ name: z.string() }),
          z.record(z.string(), z.union([z.string(), z.number()])),
        ),
        keys: some.optional(),
        validators: some.optional(),
        compared: z.enum(['each', 'all']).optional(),
      }),
    )
    .min(1),
});

/** Reads a scenario of `seine score simulate`. @throws UsageError that says what is wrong with the file */
export function readScenario(file: string): Scenario {
  if (!existsSync(file)) throw new UsageError(`${file} does not exist`, { file });
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new UsageError(`${file} is no JSON: ${messageOf(error)}`, { file });
  }
  const parsed = scenario.safeParse(json);
  if (!parsed.success) throw new UsageError(`${file} is no scenario: ${z.prettifyError(parsed.error)}`, { file });
  // What is optional is absent, never undefined: it came from JSON.
  return parsed.data as Scenario;
}
