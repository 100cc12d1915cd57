import { canonicalJson } from '../../../src/core/canonical-json.ts';
import { secretDigest } from '../../../src/core/hash/prompt-secret.ts';
import { sha256Hex } from '../../../src/core/hash/sha256.ts';
import type { PeriodProof, PeriodRecord, PeriodTally } from '../../../src/core/inference-period.ts';
import type { Evidence, EvidenceMiner } from '../../../src/scoring/evidence.ts';
import type { InferenceEvidence } from '../../../src/scoring/inference/inference-evidence.ts';
import { recordedMiners } from '../../../src/scoring/inference/inference-evidence.ts';
import { recompute } from '../../../src/scoring/explain.ts';
import { evidenceOf, PARAMETERS } from '../fixtures.ts';
import { PERIOD_MS, record, tally } from './tallies.ts';

export const VALIDATOR = '5Validator';

/** Data gets 60 %, inference 40 %, three quarters of it by the task `chat`. */
export const WITH_TASKS = {
  ...PARAMETERS,
  pools: [
    { name: 'data', share_ppm: 600_000 },
    { name: 'inference', share_ppm: 400_000 },
  ],
};

export const TASKS = {
  version: 1,
  tasks: [
    { ...{ name: 'chat', enabled: true, model: 'm', weight_ppm: 750_000 }, ...timed(12_000, 'tokens') },
    { ...{ name: 'image', enabled: true, model: null, weight_ppm: 250_000 }, ...timed(12_000, 'images') },
    { ...{ name: 'old', enabled: false, model: 'm', weight_ppm: 0 }, ...timed(12_000, 'tokens') },
  ],
};
export const TASKS_DIGEST = sha256Hex(canonicalJson(TASKS));

function timed(timeout_ms: number, unit: string) {
  return { timeout_ms, unit, period_ms: PERIOD_MS };
}

/** A period whose secret was anchored in the block before the one that seeds it. */
export function proof(period: number, full_load: boolean): PeriodProof {
  const secret = sha256Hex(`secret of ${period}`);
  const digest = secretDigest({ validator: VALIDATOR, period, secret });
  return {
    ...{ period_ms: PERIOD_MS, period, seed_block: { number: 100 * period + 1, hash: `0x${period}` } },
    ...{ secret, digest, anchored_block: 100 * period, full_load, plan: 'f'.repeat(64) },
  };
}

/** A record of ten requests whose reasons are given. */
export function served(
  period: number,
  hotkey: string,
  tallied: PeriodTally,
  reasons: Record<string, number>,
  changes: Partial<PeriodRecord> = {},
): PeriodRecord {
  const total = Object.values(reasons).reduce((sum, count) => sum + count, 0);
  const limited = reasons['limited'] ?? 0;
  const tallyOf = { ...tallied, requests: { total, limited, failed: reasons['timed_out'] ?? 0 } };
  return { ...record(period, hotkey, tallyOf, changes), reasons };
}

const FULL = { full_load: true };
const LIGHT = { full_load: false };

/** Uid 5 serves both tasks; uid 6 another model in the period after a full load; period 7 is a full load. */
export const RECORDS = [
  served(7, '5Good', tally(1000, { right: 1000 }, FULL), { right: 40 }),
  served(7, '5Cheat', tally(1000, { right: 1000 }, FULL), { right: 40 }),
  served(7, '5Good', tally(10, { right: 10 }, FULL), { right: 10 }, { task: 'image' }),
  served(8, '5Good', tally(1000, { right: 50 }, LIGHT), { right: 6, unchecked: 4 }),
  served(8, '5Cheat', tally(1000, { wrong: 30, limited: 20 }, LIGHT), { unlikely_tokens: 7, limited: 3 }),
  served(8, '5Good', tally(10, { right: 1 }, LIGHT), { right: 1 }, { task: 'image' }),
];

/** A bundle with these miners of rows, and `RECORDS` unless it says otherwise. */
export function bundle(
  miners: readonly EvidenceMiner[] = [],
  changes: Partial<InferenceEvidence> = {},
  of: Partial<Evidence> = {},
): Evidence {
  const neurons = [
    { uid: 5, hotkey: '5Good', registered: 1 },
    { uid: 6, hotkey: '5Cheat', registered: 1 },
    { uid: 7, hotkey: '5Idle', registered: 1 },
  ];
  const given = {
    ...{ tasks: TASKS, tasks_digest: TASKS_DIGEST, until_ms: 9 * PERIOD_MS, records: RECORDS },
    ...{ proofs: [proof(7, true), proof(8, false)], miners: recordedMiners(RECORDS, neurons), before: [] },
    ...changes,
  };
  const inference: InferenceEvidence = { ...given, after: [], scores: [] };
  const without = evidenceOf(miners, WITH_TASKS, { validator: VALIDATOR, inference, ...of });
  const again = recompute(without).inference;
  if (again === null) throw new Error('no task was paid');
  return { ...without, inference: { ...inference, after: again.memory, scores: again.scores, ...changes } };
}
