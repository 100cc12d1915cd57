import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { createHumanOutput } from '../../src/cli/output.ts';
import { renderSummary } from '../../src/cli/summary/render.ts';
import { summarySchema, summarySchemaJson, type RunSummary } from '../../src/cli/summary/schema.ts';
import { textSink } from './run.ts';

const HOTKEYS = {
  miner: '5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty',
  copier: '5FLSigC9HGRKVhB9FiEo4Y3koPsNmBmLJbpXg2mp1hXcS59Y',
  validator: '5DAAnrj7VHTznn2AWBemMuyBwZWs6FNFjdyVXUeYum3PTXFy',
};

const WHY = {
  formula: 'seine' as const,
  share_ppm: 1_000_000,
  score: 80_700_000,
  payable_ppm: 270_000_000,
  sampled_ppm: 30_000_000,
  unproven_ppm: 1_000_000,
  excused_ppm: 0,
  proven_ppm: 261_000_000,
  rows_payable: 270,
  allowed_rows: 50_000,
  valid: 28,
  invalid: 0,
  gone: 1,
  gone_counts_as_invalid: false,
  validity_ppm: 1_000_000,
  credibility_ppm: 550_000,
  regularity_ppm: 912_500,
  uncapped_ppm: 130_989_375,
  cuts: [],
  earned: 130_989_375,
  previous_score: 0,
  score_alpha_ppm: 300_000,
  best_score: 80_700_000,
  curve_exponent_milli: 1500,
  curve_ppb: 1_000_000_000,
  curve_total_ppb: 1_000_000_000,
};

const SUMMARY: RunSummary = {
  version: 1,
  tool: 'seine-0.1.0',
  started_at: '2026-11-21T14:00:00.000Z',
  wanted: 'b'.repeat(64),
  miners: [
    {
      name: 'miner-1',
      hotkey: HOTKEYS.miner,
      uid: 1,
      pages: 300,
      records: 281,
      duplicates: 4,
      commits: [
        { block: 31, digest: 'c'.repeat(64), rows: 140 },
        { block: 60, digest: 'd'.repeat(64), rows: 137 },
      ],
    },
    { name: 'copier', hotkey: HOTKEYS.copier, uid: 3, pages: 0, records: 0, duplicates: 0, commits: [] },
  ],
  validators: [
    {
      name: 'validator-1',
      hotkey: HOTKEYS.validator,
      uid: 4,
      results: {
        '3': {
          rows_verified: 165,
          rows_owned: 20,
          rejected: { not_first: 145, text_differs: 5, id_differs: 5, none: 0 },
          spot_checks: { valid: 0, invalid: 12, gone: 18, inconclusive: 0 },
          score: 0,
          weight: 0,
          why: { data: { ...WHY, earned: 0, score: 0, curve_ppb: 0 } },
        },
        '1': {
          rows_verified: 277,
          rows_owned: 270,
          rejected: {},
          spot_checks: { valid: 28, invalid: 0, gone: 1, inconclusive: 1 },
          score: 80_700_000,
          weight: 1,
          why: { data: WHY },
        },
      },
      inference: [],
    },
  ],
  dataset: { path: 'runs/latest/dataset', rows: 1270, bytes: 1_234_567, manifest: 'e'.repeat(64) },
  durations_ms: { stack: 4_210, scrape: 61_004 },
  urls: { temporal: 'http://127.0.0.1:8233', chain: 'ws://127.0.0.1:9944' },
};

function rendered(summary: RunSummary): string {
  const [stdout, stderr] = [textSink(), textSink()];
  renderSummary(summary, createHumanOutput({ stdout, stderr, env: {} }));
  return stdout.text;
}

describe('the summary on screen', () => {
  it('shows what each miner is paid for serving a task', () => {
    const row = { task: 'chat', stated: 3000, worth: 1.31 };
    const inference = [
      { ...row, uid: 1, paid: 1500, weight: 1, requests: { right: 40, unchecked: 2 } },
      { ...row, uid: 3, paid: 0, weight: 0, requests: { unlikely_tokens: 12 } },
    ];
    const validators = SUMMARY.validators.map((validator) => ({ ...validator, inference }));
    expect(rendered({ ...SUMMARY, validators })).toContain(`
validator-1: inference
task  uid  miner    stated   paid  worth  of the task  requests
chat  1    miner-1   3,000  1,500  131 %  100.00 %     40 right, 2 unchecked
chat  3    copier    3,000      0  131 %  0.00 %       12 unlikely tokens
`);
  });

  it('reads like this', () => {
    expect(rendered(SUMMARY)).toBe(`
Miners
uid  miner    hotkey     pages  records  duplicates  commits  rows committed
1    miner-1  5FHneW46…    300      281           4  #31 #60             277
3    copier   5FLSigC9…      0        0           0                        0

validator-1 (uid 4, 5DAAnrj7…)
uid  miner    verified  owned  valid  invalid  gone  unclear  score  weight
1    miner-1       277    270     28        0     1        1   80.7  100.00 %
3    copier        165     20      0       12    18        0      0  0.00 %
  copier not paid: 145 not first, 5 id differs, 5 text differs

Dataset
 rows     MB  manifest      folder
1,270  1.235  eeeeeeeeeeee  runs/latest/dataset

Time
stage   seconds
stack       4.2
scrape       61

Where the parts answer while the run is up
part      address
temporal  http://127.0.0.1:8233
chain     ws://127.0.0.1:9944
`);
  });

  it('says where there is no dataset', () => {
    expect(rendered({ ...SUMMARY, dataset: null })).toContain('No dataset');
  });
});

describe('the schema', () => {
  const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(summarySchemaJson());

  it('takes a summary, by zod and by the JSON Schema beside it', () => {
    expect(summarySchema.parse(SUMMARY)).toEqual(SUMMARY);
    expect(validate(JSON.parse(JSON.stringify(SUMMARY)))).toBe(true);
  });

  it.each<[string, unknown]>([
    ['a key it does not know', { ...SUMMARY, extra: 1 }],
    ['a digest that is none', { ...SUMMARY, wanted: 'xyz' }],
    ['a missing dataset', { ...SUMMARY, dataset: undefined }],
    ['a fractional count', { ...SUMMARY, dataset: { ...SUMMARY.dataset, rows: 1.5 } }],
  ])('refuses %s, by both', (_, summary) => {
    expect(summarySchema.safeParse(summary).success).toBe(false);
    expect(validate(JSON.parse(JSON.stringify(summary)))).toBe(false);
  });
});
