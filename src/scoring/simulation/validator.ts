import { PPM } from '../../core/units.ts';
import type { WantedJob } from '../../core/wanted.ts';
import type { DataRecord } from '../../core/record.ts';
import { emissionWeights } from '../emission-pools.ts';
import type { ControlCounts } from '../carry-over.ts';
import type { MinerCounts } from '../counts.ts';
import { scoreEpoch } from '../epoch-scores.ts';
import type { EpochScores, ScoreMemory } from '../epoch-scores.ts';
import type { ScoringParameters } from '../parameters.ts';
import { drawSample, sampleSeed, splitSample } from '../sample.ts';
import { jaccardPpm, judgeRow } from '../verdict.ts';
import type { Sighting, Verdict } from '../verdict.ts';
import { timeOf } from './clock.ts';
import { judgedRows } from './judging.ts';
import type { JudgedRow, Placed } from './judging.ts';
import type { Ledger } from './ledger.ts';
import type { Rules } from './rules.ts';
import type { Key } from './strategy.ts';
import { FARM_DOMAIN, OPEN_JOB } from './world.ts';

/** A row that a validator found to be a lie. */
export interface InvalidRow {
  item: JudgedRow;
  verdict: Verdict;
}

export interface EpochView {
  /** Accepted commitments of the epoch. */
  accepted: readonly Placed[];
  /** All registered keys; the index is the uid. */
  keys: readonly Key[];
  /** Hash of a block after the fetch deadline. */
  seedHash: string;
  ledger: Ledger;
  /** What the source shows this validator. */
  see: (item: JudgedRow) => Sighting;
  /** What fetches of rows known to be good came to, beside each miner's checks. */
  controls: ControlCounts;
}

export interface Validator {
  name: string;
  rules: Rules;
  jobOf: (row: DataRecord) => WantedJob | null;
  parameters: ScoringParameters;
}

export interface Examined {
  /** By uid. */
  counts: MinerCounts[];
  invalid: InvalidRow[];
  /** Of each commitment what its drawn rows were found to be. */
  checked: Map<Placed, Verdict['verdict'][]>;
}

/** Counts and checks each miner's rows of an epoch, as the activities `drawSample` and `checkSample` do. */
export function examine(validator: Validator, view: EpochView): Examined {
  const invalid: InvalidRow[] = [];
  const checked: Examined['checked'] = new Map();
  const counts = view.keys.map((key, uid) => {
    const own = view.accepted.filter(
      ({ hotkey, registered }) => hotkey === key.hotkey && registered === key.registered,
    );
    const rows = own.flatMap((item) => judgedRows(item, validator.rules, view.ledger, validator.jobOf));
    const sampled = sampleOf(validator, view.seedHash, key.hotkey, own, rows);
    const verdicts = sampled.map((item) => ({ item, verdict: check(item, view.see(item)) }));
    invalid.push(...verdicts.filter(({ verdict }) => verdict.verdict === 'invalid'));
    for (const { item, verdict } of verdicts) {
      const found = checked.get(item.commitment) ?? [];
      checked.set(item.commitment, found);
      found.push(verdict.verdict);
    }
    const count = (wanted: Verdict['verdict']): number =>
      verdicts.filter(({ verdict }) => verdict.verdict === wanted).length;
    return {
      ...{ uid, hotkey: key.hotkey, registered: key.registered },
      rows_verified: rows.length,
      rows_owned: rows.filter(({ owned }) => owned).length,
      rows_payable: rows.filter(({ job }) => job !== null).length,
      newest_block: own.reduce((newest, { block }) => Math.max(newest, block), 0),
      payable_ppm: payByPool(rows),
      payable_groups: groupsByPool(rows),
      sampled_ppm: payByPool(sampled),
      unproven_ppm: payByPool(verdicts.filter(({ verdict }) => verdict.verdict !== 'valid').map(({ item }) => item)),
      spot: {
        valid: count('valid'),
        invalid: count('invalid'),
        gone: count('gone'),
        inconclusive: count('inconclusive'),
      },
      controls: view.controls,
    };
  });
  return { counts, invalid, checked };
}

/** Scores of an epoch and each uid's weight. */
export function scoreAndWeigh(
  parameters: ScoringParameters,
  counts: readonly MinerCounts[],
  previous: ScoreMemory,
): { epoch: EpochScores; weights: Map<number, number> } {
  const epoch = scoreEpoch(counts, previous, parameters);
  const weights = emissionWeights(parameters.pools, epoch.scores, null);
  return { epoch, weights: new Map(weights.map(({ uid, weight_ppb }) => [uid, weight_ppb])) };
}

/** Judges a row by what its source shows. */
export function check({ row, commitment }: JudgedRow, seen: Sighting): Verdict {
  // Equal texts are wholly similar; only others are worth the comparison.
  const similarity =
    seen.outcome !== 'shown' ? 0 : seen.text === row.text ? PPM : jaccardPpm(row.text ?? '', seen.text ?? '');
  return judgeRow(row, seen, timeOf(commitment.block), similarity);
}

function sampleOf(
  { name, parameters }: Validator,
  hash: string,
  hotkey: string,
  commitments: readonly Placed[],
  rows: readonly JudgedRow[],
): JudgedRow[] {
  const known = new Map<string, JudgedRow>();
  for (const item of rows) if (item.owned || !known.has(item.row.id)) known.set(item.row.id, item);
  const all = [...known.values()];
  const ids = (payable: boolean): string[] =>
    all.filter(({ job }) => (job !== null) === payable).map(({ row }) => row.id);
  const [payable, others] = [ids(true), ids(false)];
  const { sample_rows: size, sample_payable_share_ppm: share } = parameters;
  const split = splitSample(payable.length, others.length, size, share);
  const manifests = [...new Set(commitments.map(({ manifest }) => manifest))];
  const seed = sampleSeed(hash, name, hotkey, manifests.join('.'));
  const drawn = new Set([...drawSample(seed, payable, split.payable), ...drawSample(seed, others, split.others)]);
  return all.filter(({ row }) => drawn.has(row.id));
}

function payByPool(rows: readonly JudgedRow[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const { job } of rows) if (job !== null) sums[job.pool] = (sums[job.pool] ?? 0) + job.weight_ppm;
  return sums;
}

/** Rows of the open job are under the cap of their site; hosts that a job names are under none. */
function groupsByPool(rows: readonly JudgedRow[]): MinerCounts['payable_groups'] {
  const open = rows.filter(({ job }) => job?.id === OPEN_JOB);
  if (open.length === 0) return {};
  const pay = payByPool(open);
  return Object.fromEntries(
    Object.entries(pay).map(([pool, payable_ppm]) => [pool, [{ site: FARM_DOMAIN, author: '', payable_ppm }]]),
  );
}
