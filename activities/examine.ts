import { canonicalJson } from '../src/core/canonical-json.ts';
import type { BlockRef } from '../src/core/chain.ts';
import type { Claim } from '../src/core/claim.ts';
import { itemsInSlices } from '../src/core/in-slices.ts';
import type { DataRecord } from '../src/core/record.ts';
import { PPM } from '../src/core/units.ts';
import { jobOf } from '../src/core/wanted.ts';
import type { WantedJob } from '../src/core/wanted.ts';
import type { Chain } from '../src/commit/chain-port.ts';
import type { JudgedCommits } from '../src/commit/judged-commits.ts';
import type { ObjectStore } from '../src/datasets/storage.ts';
import { textKey } from '../src/dedup/identities.ts';
import type { Observation } from '../src/scrapers/respot.ts';
import type { LeaseQueue } from '../src/scrapers/frontier/frontier.ts';
import { similarityPpm } from '../src/scoring/archived.ts';
import type { MinerCounts } from '../src/scoring/counts.ts';
import { freshnessPpm, platformTimeUs } from '../src/scoring/freshness.ts';
import { mulDiv } from '../src/scoring/mul-div.ts';
import type { ScoringParameters } from '../src/scoring/parameters.ts';
import { drawSample, sampleSeed, splitSample } from '../src/scoring/sample.ts';
import { isSuspicious, signsOf } from '../src/scoring/signs.ts';
import type { Sign, SignedRow } from '../src/scoring/signs.ts';
import { judgeRow } from '../src/scoring/verdict.ts';
import type { Sighting, Verdict } from '../src/scoring/verdict.ts';
import type { ControlRows } from '../src/scrapers/control-rows.ts';
import type { ControlCounts } from '../src/scoring/carry-over.ts';
import { alive } from './alive.ts';
import { controlRowsOf, fetchControls } from './control-fetches.ts';
import type { EpochWindow } from './follow.ts';
import { judgedRows } from './owned-rows.ts';
import type { OwnedRowsDeps } from './owned-rows.ts';
import { createGroupSums, groupOf } from './row-groups.ts';
import type { GroupSums } from './row-groups.ts';

/** What a check of one row needs. */
export interface CheckDeps {
  store: ObjectStore;
  /** Scrapes a row's page again, by HTTP or, for rows that needed one, by a browser. */
  respot: (row: DataRecord) => Promise<Observation>;
}

export interface ExamineDeps extends OwnedRowsDeps, CheckDeps {
  chain: Chain;
  /** SS58 address of this validator. */
  validator: string;
  judged: JudgedCommits;
  controls: ControlRows;
  parameters: ScoringParameters;
  needsBrowser: (row: DataRecord) => boolean;
  heartbeat: (progress: unknown) => void;
  /** Progress that an earlier try of this activity left. */
  heartbeatDetails: () => unknown;
}

export interface DrawInput {
  hotkey: string;
  epoch: EpochWindow;
  /** A block after the fetch deadline. */
  seedBlock: BlockRef;
}

/** A row to be checked, with what the check needs to know. */
export interface SampledRow {
  row: DataRecord;
  /** The commitment that it came with. */
  claim: Claim;
  /** Pool that pays the row, and what it weighs there; null when it is not paid. */
  pay: { pool: string; weightPpm: number } | null;
  committedAtUs: number;
}

export interface DrawResult {
  counts: Omit<MinerCounts, 'uid' | 'spot' | 'unproven_ppm' | 'controls'>;
  rejected: Record<string, number>;
  signs: Sign[];
  /** Digest of the stored sample. */
  sample: string;
  /** How many of its rows each way of fetching has to check. */
  rows: Record<LeaseQueue, number>;
}

export interface CheckResult {
  verdicts: Verdict[];
  unproven_ppm: Record<string, number>;
  controls: ControlCounts;
}

export type ExamineActivities = ReturnType<typeof createExamineActivities>;

const CHECKS_AT_ONCE = 4;
/** Some 10 ms of looking, for which others wait. */
const ROWS_AT_ONCE = 300;

export function createExamineActivities(deps: ExamineDeps) {
  return {
    /** Counts what a miner's accepted commitments of an epoch hold and own, and draws the rows to be checked. */
    async drawSample(input: DrawInput): Promise<DrawResult> {
      return await alive(
        () => deps.heartbeat({ drawing: input.hotkey }),
        () => draw(deps, input),
      );
    },

    /** Scrapes the sampled rows again that are fetched this way, and judges each by what its source shows now. */
    async checkSample(input: { sample: string; queue: LeaseQueue }): Promise<CheckResult> {
      const done = (deps.heartbeatDetails() as Verdict[] | undefined) ?? [];
      const verdicts = new Map(done.map((verdict) => [verdict.id, verdict]));
      // What a later try goes on with is in every heartbeat: the last one counts.
      const report = (): void => deps.heartbeat([...verdicts.values()]);
      return await alive(report, () => check(deps, input, verdicts, report));
    },
  };
}

async function draw(deps: ExamineDeps, input: DrawInput): Promise<DrawResult> {
  const commits = (await deps.judged.between(input.epoch.start, input.epoch.end)).filter(
    (commit) => commit.hotkey === input.hotkey && commit.judgement.status === 'accepted',
  );
  const rows = new Map<string, SampledRow>();
  const rejected: Record<string, number> = {};
  const counts = { rows_verified: 0, rows_owned: 0, rows_payable: 0 };
  const payable_ppm: Record<string, number> = {};
  const groups = new Map<string, GroupSums>();
  const looks: SignedRow[] = [];
  for (const commit of commits) {
    const committedAtUs = await deps.chain.timestamp(commit.blockHash);
    const { block, event, hotkey, registered } = commit;
    const judged = await judgedRows(deps, commit, committedAtUs);
    for await (const { row, owned, unpaid, job } of itemsInSlices(judged, ROWS_AT_ONCE)) {
      counts.rows_verified += 1;
      looks.push(lookOf(row));
      if (owned) counts.rows_owned += 1;
      if (unpaid !== null) rejected[unpaid] = (rejected[unpaid] ?? 0) + 1;
      const pay = job === null ? null : payOf(row, job, committedAtUs, deps.parameters);
      addPay(payable_ppm, pay);
      if (job !== null && pay !== null) {
        counts.rows_payable += 1;
        const sums = groups.get(pay.pool) ?? createGroupSums();
        groups.set(pay.pool, sums);
        sums.add(groupOf(row, job), pay.weightPpm);
      }
      // Of a row that was committed again the one that owns it is checked.
      if (owned || !rows.has(row.id)) {
        rows.set(row.id, { row, claim: { block, event, hotkey, registered }, pay, committedAtUs });
      }
    }
  }
  const signs = signsOf(looks);
  const size = deps.parameters.sample_rows * (isSuspicious(signs) ? 2 : 1);
  const digests = commits.map((commit) => commit.manifest).join('.');
  const sampled = sampleOf(deps, { ...input, digests, size }, [...rows.values()]);
  const sample = await deps.store.put(new TextEncoder().encode(JSON.stringify(sampled)));
  const byBrowser = sampled.filter(({ row }) => deps.needsBrowser(row)).length;
  return {
    counts: {
      ...{ hotkey: input.hotkey, registered: commits[0]?.registered ?? 0, ...counts, payable_ppm },
      newest_block: commits.reduce((newest, { block }) => Math.max(newest, block), 0),
      payable_groups: Object.fromEntries([...groups].map(([pool, sums]) => [pool, sums.largest()])),
      sampled_ppm: sumsOf(sampled),
    },
    rejected,
    signs,
    sample,
    rows: { http: sampled.length - byBrowser, browser: byBrowser },
  };
}

/** @param verdicts those of an earlier try; grows by each row that is checked, as `report` then tells */
async function check(
  deps: ExamineDeps,
  input: { sample: string; queue: LeaseQueue },
  verdicts: Map<string, Verdict>,
  report: () => void,
): Promise<CheckResult> {
  const sampled = JSON.parse(new TextDecoder().decode(await deps.store.get(input.sample))) as SampledRow[];
  const mine = sampled.filter(({ row }) => deps.needsBrowser(row) === (input.queue === 'browser'));
  const waiting = mine.filter(({ row }) => !verdicts.has(row.id));
  const worker = async (): Promise<void> => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) {
      verdicts.set(item.row.id, await checkRow(deps, item.row, item.committedAtUs));
      report();
    }
  };
  await Promise.all(Array.from({ length: CHECKS_AT_ONCE }, worker));
  const checked = mine.flatMap((item) => {
    const verdict = verdicts.get(item.row.id);
    return verdict === undefined ? [] : [{ ...item, verdict }];
  });
  const again = (row: DataRecord, committedAtUs: number): Promise<Verdict> => checkRow(deps, row, committedAtUs);
  const asked = { controls: deps.controls, most: deps.parameters.sample_rows, check: again };
  const controls = await fetchControls(asked, mine[0]?.claim.hotkey ?? '', checked);
  // A site that nobody named could fail at its owner's wish, and would pass for this validator's trouble.
  const named = checked.filter(({ row }) => jobOf(deps.wanted, row) !== null);
  await deps.controls.add(controlRowsOf(named));
  return {
    controls,
    verdicts: checked.map(({ verdict }) => verdict),
    unproven_ppm: sumsOf(mine.filter(({ row }) => verdicts.get(row.id)?.verdict !== 'valid')),
  };
}

/** Most checks go to rows that would pay, drawn by a seed that nobody knew when the rows were committed. */
function sampleOf(
  deps: ExamineDeps,
  input: DrawInput & { digests: string; size: number },
  rows: readonly SampledRow[],
): SampledRow[] {
  const seed = sampleSeed(input.seedBlock.hash, deps.validator, input.hotkey, input.digests);
  const ids = (payable: boolean): string[] =>
    rows.filter(({ pay }) => (pay !== null) === payable).map(({ row }) => row.id);
  const [payable, others] = [ids(true), ids(false)];
  const split = splitSample(payable.length, others.length, input.size, deps.parameters.sample_payable_share_ppm);
  const chosen = new Set([...drawSample(seed, payable, split.payable), ...drawSample(seed, others, split.others)]);
  return rows.filter(({ row }) => chosen.has(row.id));
}

function lookOf({ author, title, text }: DataRecord): SignedRow {
  return { author, title, text, textKey: text === null ? null : (textKey(text)?.toString('hex') ?? null) };
}

/** What a row weighs: its job's weight, and more where its platform shows that it is fresh. */
function payOf(
  row: DataRecord,
  job: WantedJob,
  committedAtUs: number,
  parameters: ScoringParameters,
): NonNullable<SampledRow['pay']> {
  const fresh = freshnessPpm(platformTimeUs(row), committedAtUs, parameters);
  return { pool: job.pool, weightPpm: mulDiv(job.weight_ppm, fresh, PPM) };
}

function sumsOf(rows: readonly SampledRow[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const { pay } of rows) addPay(sums, pay);
  return sums;
}

function addPay(sums: Record<string, number>, pay: SampledRow['pay']): void {
  if (pay !== null) sums[pay.pool] = (sums[pay.pool] ?? 0) + pay.weightPpm;
}

/** Scrapes a row's page again and judges the row by what it shows; of an invalid one row and response are stored. */
export async function checkRow(deps: CheckDeps, row: DataRecord, committedAtUs: number): Promise<Verdict> {
  const observation = await deps.respot(row);
  const seen: Sighting =
    observation.outcome === 'shown'
      ? {
          outcome: 'shown',
          id: observation.record.id,
          text: observation.record.text,
          createdAt: observation.record.created_at,
          lastModified: observation.lastModified,
          differs: observation.differs,
        }
      : observation;
  const verdict = judgeRow(row, seen, committedAtUs, similarityPpm(row, seen));
  if (verdict.verdict !== 'invalid') return verdict;
  // Another validator must be able to see what this one saw.
  const check = { row, seen: { ...seen }, committed_at: committedAtUs };
  const archived = await deps.store.put(new TextEncoder().encode(canonicalJson(check)));
  return { ...verdict, archived };
}
