import { z } from 'zod';

const count = z.number().int().nonnegative();
const digest = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .describe('SHA-256, hex');
const hotkey = z.string().min(40).max(60).describe('SS58 address');
const uid = z.number().int().min(0).max(65_535);

const commit = z.strictObject({
  block: count,
  digest: digest.describe('SHA-256 of the committed manifest, hex'),
  rows: count,
});

const miner = z.strictObject({
  name: z.string(),
  hotkey,
  uid,
  pages: count.describe('pages fetched'),
  records: count.describe('records that the pages gave'),
  duplicates: count.describe('records that its own history had already'),
  commits: z.array(commit),
});

const weighing = {
  share_ppm: count.describe('share of the pool in the emission'),
  score: count.describe('millionths of a row, smoothed over epochs'),
  earned: count.describe('what the epoch adds to the score'),
  previous_score: count,
  score_alpha_ppm: count,
  best_score: count,
  curve_exponent_milli: count,
  curve_ppb: count.describe('(score / best score) ^ exponent'),
  curve_total_ppb: count.describe('sum over all miners; curve / total is the weight in the pool'),
};

const seineWhy = z.strictObject({
  formula: z.literal('seine'),
  payable_ppm: count.describe('owned, wanted rows times the weight of their job, in millionths of a row'),
  sampled_ppm: count.describe('of them drawn to be checked'),
  unproven_ppm: count.describe('of the sample not seen valid'),
  excused_ppm: count.describe('of the unproven what failed control fetches explain'),
  proven_ppm: count.describe('payable * (sampled - unproven) / (sampled - excused)'),
  rows_payable: count,
  allowed_rows: count.describe('twice the most that was verified before, or the allowance'),
  valid: count,
  invalid: count,
  gone: count,
  gone_counts_as_invalid: z.boolean(),
  validity_ppm: count,
  credibility_ppm: count,
  regularity_ppm: count,
  uncapped_ppm: count.describe('proven * min(1, allowed / payable rows) * validity * credibility * regularity'),
  cuts: z.array(z.strictObject({ group: z.string(), network: count, paid: count })).describe('caps that cut it'),
  ...weighing,
});

const d3Why = z.strictObject({
  formula: z.literal('d3'),
  ...{ rows: count, rank: count, miners: count, wrong: count },
  ...weighing,
});

const sn13Why = z.strictObject({
  formula: z.literal('sn13'),
  ...{ size_ppm: count, bucket_ppm: count, value_ppm: count, credibility_ppm: count },
  ...weighing,
});

const why = z
  .discriminatedUnion('formula', [seineWhy, d3Why, sn13Why])
  .describe('everything that the score in one pool was computed from');

const result = z.strictObject({
  rows_verified: count,
  rows_owned: count,
  rejected: z.record(z.string(), count).describe('rows that earned nothing, by reason'),
  spot_checks: z.strictObject({ valid: count, invalid: count, gone: count, inconclusive: count }),
  score: count.describe('sum of the scores in all pools'),
  weight: z.number().min(0).max(1).describe('share that the chain holds, read back; all of a validator add up to 1'),
  why: z.record(z.string(), why).describe('by pool; the sum of share x curve / total over the pools is the weight'),
});

const task = z.strictObject({
  task: z.string(),
  uid,
  stated: count.describe('units a period, to all validators'),
  paid: z.number().nonnegative().describe('units of it that were shown and are paid'),
  worth: z.number().nonnegative().describe('of a unit: answered x quality x speed; 1 is as expected'),
  weight: z.number().min(0).max(1).describe("share of the task's pool"),
  requests: z.record(z.string(), count).describe('by what came of them, over the periods that are looked back on'),
});

const validator = z.strictObject({
  name: z.string(),
  hotkey,
  uid,
  results: z.record(z.string().regex(/^\d+$/), result).describe("by the miner's uid"),
  inference: z.array(task).describe('a row a task and miner; empty where nobody was challenged'),
});

/** What a run of the small network did, as `runs/<time>/summary.json` holds it. */
export const summarySchema = z
  .strictObject({
    version: z.literal(1),
    tool: z.string().describe('name and version of Seine'),
    started_at: z.iso.datetime(),
    wanted: digest.describe('SHA-256 of the list of wanted jobs, hex'),
    miners: z.array(miner),
    validators: z.array(validator),
    dataset: z
      .strictObject({
        path: z.string(),
        rows: count,
        bytes: count,
        manifest: digest.describe("SHA-256 of the dataset's manifest.json, hex"),
      })
      .nullable(),
    durations_ms: z.record(z.string(), z.number().nonnegative()).describe('by stage, in order'),
    urls: z.record(z.string(), z.string()).describe('where the parts answered while the run was up'),
  })
  .meta({ title: 'Summary of a Seine run' });

export type RunSummary = z.infer<typeof summarySchema>;

/** The JSON Schema (draft 2020-12) that lies beside each summary. */
export function summarySchemaJson(): Record<string, unknown> {
  return z.toJSONSchema(summarySchema);
}
