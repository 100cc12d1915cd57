import { canonicalJson } from '../src/core/canonical-json.ts';
import type { BlockRef, Signer } from '../src/core/chain.ts';
import { sha256Hex } from '../src/core/hash/sha256.ts';
import type { PeriodProof, PeriodRecord } from '../src/core/inference-period.ts';
import { WEIGHTS_VERSION_KEY } from '../src/core/version.ts';
import type { WantedList } from '../src/core/wanted.ts';
import type { Chain } from '../src/commit/chain-port.ts';
import type { JudgedCommit, JudgedCommits } from '../src/commit/judged-commits.ts';
import type { EvidenceLog } from '../src/commit/evidence-log.ts';
import { normalizeWeights } from '../src/commit/weights.ts';
import type { ObjectStore } from '../src/datasets/storage.ts';
import type { Evidence, EvidenceCommit, EvidenceMiner } from '../src/scoring/evidence.ts';
import { recordedMiners } from '../src/scoring/inference/inference-evidence.ts';
import type { InferenceGiven } from '../src/scoring/inference/inference-evidence.ts';
import type { TaskListEvidence } from '../src/scoring/inference/inference-task.ts';
import { INFERENCE_POOL } from '../src/scoring/inference/task-pools.ts';
import type { ScoringParameters } from '../src/scoring/parameters.ts';
import { scoreAll } from '../src/scoring/score-all.ts';
import { alive } from './alive.ts';
import type { EpochWindow } from './follow.ts';

/** What this validator's challenges found out. */
export interface InferenceFindings {
  /**
   * Periods of these lengths that ended by then, milliseconds since 1970: those since the last epoch that was scored and `capacity_window_periods` before them, with
   * the proof of each.
   */
  records: (
    endedMs: number,
    periodsMs: readonly number[],
  ) => Promise<{ records: PeriodRecord[]; proofs: PeriodProof[] }>;
  /** The list of tasks in use, and the SHA-256 of its canonical JSON. */
  tasks: () => { list: TaskListEvidence; digest: string };
}

export interface ScoreDeps {
  chain: Chain;
  signer: Signer;
  netuid: number;
  store: ObjectStore;
  judged: JudgedCommits;
  evidence: EvidenceLog;
  parameters: ScoringParameters;
  wanted: WantedList;
  /** Null where this validator challenges nobody. */
  inference: InferenceFindings | null;
  heartbeat: (progress: unknown) => void;
}

export interface ScoreInput {
  epoch: EpochWindow;
  seedBlock: BlockRef;
  /** Digests of the findings about each miner, as `keepFindings` stored them. */
  findings: string[];
}

export interface ScoreResult {
  /** Digest of the evidence bundle. */
  evidence: string;
  uids: number[];
  values: number[];
  /** The best block when they were computed: weights set since then are these. */
  since: number;
}

export type ScoreActivities = ReturnType<typeof createScoreActivities>;

export function createScoreActivities(deps: ScoreDeps) {
  return {
    /** Which miners made commitments in an epoch; this validator's own order. */
    async minersOf(input: { epoch: EpochWindow }): Promise<string[]> {
      const commits = await deps.judged.between(input.epoch.start, input.epoch.end);
      const hotkeys = [...new Set(commits.map((commit) => commit.hotkey))];
      const rank = (hotkey: string): string => sha256Hex(`${deps.signer.address}.${input.epoch.index}.${hotkey}`);
      return hotkeys.sort((a, b) => (rank(a) < rank(b) ? -1 : 1));
    },

    /** Stores what was found about one miner; verdicts are too many to travel through workflow histories. */
    async keepFindings(input: { findings: Omit<EvidenceMiner, 'uid'> }): Promise<string> {
      return await deps.store.put(new TextEncoder().encode(canonicalJson(input.findings)));
    },

    /** Scores an epoch and writes its evidence bundle. */
    async scoreEpoch(input: ScoreInput): Promise<ScoreResult> {
      const since = (await deps.chain.head()).number;
      const neurons = await deps.chain.metagraph(deps.netuid);
      const miners: EvidenceMiner[] = [];
      for (const digest of input.findings) {
        const findings = await readJson<Omit<EvidenceMiner, 'uid'>>(deps.store, digest);
        const neuron = neurons.find((item) => item.hotkey === findings.hotkey);
        if (neuron !== undefined) miners.push({ uid: neuron.uid, ...findings });
      }
      const previous = await deps.evidence.before(input.epoch.index);
      const last = previous === null ? null : await readJson<Evidence>(deps.store, previous);
      const carried = carryOn(miners, last, neurons);
      const previousScores = (last?.scores ?? []).map(({ pool, hotkey, registered, score, carried: times }) => ({
        ...{ pool, hotkey, registered, score, carried: times },
      }));
      const memory = { scores: previousScores, records: last?.records ?? [] };
      const burnUid = (await deps.chain.subnetOwner(deps.netuid))?.uid ?? null;
      const given = await inferenceGiven(deps, input.seedBlock, last, neurons);
      const all = scoreAll(carried, memory, deps.parameters, burnUid, given);
      const weights = normalizeWeights(all.weights.map(({ uid, weight_ppb }) => ({ uid, weight: weight_ppb })));
      const commits = await deps.judged.between(input.epoch.start, input.epoch.end);
      const evidence: Evidence = {
        version: 1,
        netuid: deps.netuid,
        validator: deps.signer.address,
        epoch: input.epoch.index,
        start: input.epoch.start,
        end: input.epoch.end,
        seed_block: input.seedBlock,
        parameters: deps.parameters,
        wanted: sha256Hex(canonicalJson(deps.wanted)),
        commits: await evidenceCommits(deps, commits),
        miners: carried,
        previous,
        previous_scores: previousScores,
        previous_records: memory.records,
        scores: all.scores,
        records: all.records,
        ...(given === null || all.inference === null
          ? {}
          : { inference: { ...given, after: all.inference.memory, scores: all.inference.scores } }),
        burn_uid: burnUid,
        weights_ppb: all.weights,
        weights,
      };
      const digest = await deps.store.put(new TextEncoder().encode(canonicalJson(evidence)));
      await deps.evidence.record(input.epoch.index, digest);
      return { evidence: digest, ...weights, since };
    },

    /** Sets the weights of an epoch on chain; nothing to set is nothing done. */
    async setWeights(
      input: { epoch: number } & Pick<ScoreResult, 'uids' | 'values' | 'since'>,
    ): Promise<{ block: number | null }> {
      if (input.uids.length === 0) return { block: null };
      const { uids, values, since } = input;
      const weights = { netuid: deps.netuid, uids, weights: values, versionKey: WEIGHTS_VERSION_KEY, since };
      const { block } = await alive(
        () => deps.heartbeat({ weights: input.uids.length }),
        () => deps.chain.setWeights({ ...weights, signer: deps.signer }),
      );
      await deps.evidence.weightsSet(input.epoch, block.number);
      return { block: block.number };
    },
  };
}

/** What tasks are scored from; null where the emission has no pool for them, or nothing was asked: then all is as without inference. */
async function inferenceGiven(
  { inference, parameters, chain }: Pick<ScoreDeps, 'inference' | 'parameters' | 'chain'>,
  seedBlock: BlockRef,
  last: Evidence | null,
  neurons: readonly { uid: number; hotkey: string; registered: number }[],
): Promise<InferenceGiven | null> {
  if (inference === null || !parameters.pools.some(({ name }) => name === INFERENCE_POOL)) return null;
  const { list, digest } = inference.tasks();
  const enabled = list.tasks.filter((task) => task.enabled);
  if (enabled.length === 0) return null;
  const until_ms = Math.floor((await chain.timestamp(seedBlock.hash)) / 1000);
  const { records, proofs } = await inference.records(
    until_ms,
    enabled.map(({ period_ms }) => period_ms),
  );
  if (records.length === 0) return null;
  return {
    ...{ tasks: list, tasks_digest: digest, until_ms, records, proofs },
    miners: recordedMiners(records, neurons),
    before: last?.inference?.after ?? [],
  };
}

/** Miners that were scored before and committed nothing in this epoch keep a place: their score fades. */
function carryOn(
  miners: readonly EvidenceMiner[],
  last: Evidence | null,
  neurons: readonly { uid: number; hotkey: string; registered: number }[],
): EvidenceMiner[] {
  const silent = (last?.miners ?? []).flatMap(({ hotkey, registered }) => {
    const neuron = neurons.find((item) => item.hotkey === hotkey && item.registered === registered);
    if (neuron === undefined || miners.some((miner) => miner.hotkey === hotkey)) return [];
    const nothing = {
      ...{ rows_verified: 0, rows_owned: 0, rows_payable: 0, newest_block: 0 },
      ...{ payable_ppm: {}, payable_groups: {}, sampled_ppm: {}, unproven_ppm: {} },
    };
    const spot = { valid: 0, invalid: 0, gone: 0, inconclusive: 0 };
    return [
      { uid: neuron.uid, hotkey, registered, ...nothing, spot, rejected: {}, signs: [], sample: null, verdicts: [] },
    ];
  });
  return [...miners, ...silent].sort((a, b) => a.uid - b.uid);
}

async function evidenceCommits(
  { chain }: Pick<ScoreDeps, 'chain'>,
  commits: readonly JudgedCommit[],
): Promise<EvidenceCommit[]> {
  const times = new Map<string, number>();
  for (const { blockHash } of commits) {
    if (!times.has(blockHash)) times.set(blockHash, await chain.timestamp(blockHash));
  }
  return commits.map(({ hotkey, registered, block, blockHash, event, manifest, rows, judgement }) => ({
    ...{ hotkey, registered, block, event, committed_at: times.get(blockHash) ?? 0, manifest, rows },
    status: judgement.status,
    reason: judgement.status === 'accepted' ? '' : judgement.reason,
  }));
}

async function readJson<T>(store: ObjectStore, digest: string): Promise<T> {
  return JSON.parse(new TextDecoder().decode(await store.get(digest))) as T;
}
