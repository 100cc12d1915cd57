import type { Chain } from '../src/commit/chain-port.ts';
import type { EvidenceLog } from '../src/commit/evidence-log.ts';
import type { JudgedCommit, JudgedCommits } from '../src/commit/judged-commits.ts';
import { parseManifest } from '../src/commit/manifest.ts';
import { SeineError } from '../src/core/errors.ts';
import type { Digest } from '../src/core/manifest.ts';
import { buildDataset } from '../src/datasets/build.ts';
import type { CommitRef, DatasetResult } from '../src/datasets/build.ts';
import type { Contribution } from '../src/datasets/contributions.ts';
import type { CommittedManifest } from '../src/datasets/provenance.ts';
import type { Recipe } from '../src/datasets/recipe.ts';
import { isByBrowser } from '../src/scrapers/respot.ts';
import { goneAboveBaseline, validityPpm } from '../src/scoring/validity.ts';
import type { Evidence } from '../src/scoring/evidence.ts';
import { judgedRows } from './owned-rows.ts';
import type { JudgedRow, OwnedRowsDeps } from './owned-rows.ts';

export interface DatasetDeps extends OwnedRowsDeps {
  chain: Chain;
  judged: JudgedCommits;
  evidence: EvidenceLog;
  heartbeat: (progress: unknown) => void;
}

export interface BuildInput {
  recipe: Recipe;
  /** Folder of the dataset; must not exist yet. */
  outDir: string;
  /** Folder of the version that this one follows. */
  baseDir?: string;
}

export type DatasetActivities = ReturnType<typeof createDatasetActivities>;

/** Miners of whose rows fewer than this share was seen valid in an epoch give nothing of that epoch to datasets. */
const LEAST_VALIDITY_PPM = 800_000;

export function createDatasetActivities(deps: DatasetDeps) {
  return {
    /** Publishes the owned, valid rows of all scored epochs as one dataset. */
    async buildDataset(input: BuildInput): Promise<DatasetResult> {
      return await buildDataset({ ...input, contributions: contributions(deps) });
    },
  };
}

/** What each trusted, accepted commitment of the scored epochs holds of owned rows; one at a time, so that memory holds but one. */
async function* contributions(deps: DatasetDeps): AsyncGenerator<Contribution> {
  for (const { digest } of await deps.evidence.all()) {
    const evidence = JSON.parse(new TextDecoder().decode(await deps.store.get(digest))) as Evidence;
    const trusted = trustedMiners(evidence);
    const invalid = new Set(
      evidence.miners.flatMap((miner) => miner.verdicts.filter((v) => v.verdict === 'invalid').map((v) => v.id)),
    );
    for (const commit of await deps.judged.between(evidence.start, evidence.end)) {
      if (!trusted.has(commit.hotkey) || commit.judgement.status !== 'accepted') continue;
      const judged = await judgedRows(deps, commit, await deps.chain.timestamp(commit.blockHash));
      const kept = judged.filter((item) => item.owned && !invalid.has(item.row.id) && isCheckable(item));
      deps.heartbeat({ block: commit.block, rows: kept.length });
      if (kept.length === 0) continue;
      yield {
        commit: refOf(commit),
        manifests: await anchored(deps, commit, judged),
        rows: kept.map(({ row, leaf }) => ({ row, leaf: Buffer.from(leaf).toString('hex') })),
      };
    }
  }
}

/** The manifests that a commitment anchors, oldest first, with the leaves of their rows. */
async function anchored(
  deps: DatasetDeps,
  commit: JudgedCommit,
  judged: readonly JudgedRow[],
): Promise<CommittedManifest[]> {
  if (commit.judgement.status !== 'accepted') return [];
  const ofShard = new Map<Digest, Uint8Array>();
  let next = 0;
  for (const { sha256, rows } of commit.judgement.shards) {
    const leaves = judged.slice(next, (next += rows)).map(({ leaf }) => leaf);
    ofShard.set(sha256, Buffer.concat(leaves));
  }
  const manifests: CommittedManifest[] = [];
  const left = new Set(ofShard.keys());
  for (let digest: Digest | null = commit.manifest; digest !== null && left.size > 0;) {
    const bytes = await deps.store.get(digest);
    const { shards, previous } = parseManifest(bytes, { digest, netuid: commit.netuid, hotkey: commit.hotkey });
    const leaves = shards.map(({ sha256 }) => {
      left.delete(sha256);
      const known = ofShard.get(sha256);
      if (known === undefined) throw new SeineError('ShardNotJudged', `shard ${sha256} was not judged with its commit`);
      return known;
    });
    manifests.unshift({ text: new TextDecoder().decode(bytes), leaves: Buffer.concat(leaves) });
    digest = previous;
  }
  return manifests;
}

/** What only a browser shows at a site that no job names can't be looked at again (`again` in temporal/validator.ts). */
function isCheckable({ row, unpaid }: JudgedRow): boolean {
  return unpaid !== 'not_wanted' || !isByBrowser(row);
}

function trustedMiners(evidence: Evidence): Set<string> {
  const trusted = evidence.miners.filter(({ spot }) => {
    const goneCounts = goneAboveBaseline(spot, evidence.parameters.not_found_baseline_ppm);
    return validityPpm(spot, goneCounts) >= LEAST_VALIDITY_PPM;
  });
  return new Set(trusted.map((miner) => miner.hotkey));
}

function refOf({ netuid, hotkey, block, event, manifest }: JudgedCommit): CommitRef {
  return { netuid, hotkey, block, event, manifest };
}
