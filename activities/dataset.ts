import type { Chain } from '../src/commit/chain-port.ts';
import type { EvidenceLog } from '../src/commit/evidence-log.ts';
import type { JudgedCommit, JudgedCommits } from '../src/commit/judged-commits.ts';
import { buildDataset } from '../src/datasets/build.ts';
import type { CommitRef, DatasetResult, PublishedRow } from '../src/datasets/build.ts';
import type { Recipe } from '../src/datasets/recipe.ts';
import { goneAboveBaseline, validityPpm } from '../src/scoring/validity.ts';
import type { Evidence } from '../src/scoring/evidence.ts';
import { judgedRows } from './owned-rows.ts';
import type { OwnedRowsDeps } from './owned-rows.ts';

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
}

export type DatasetActivities = ReturnType<typeof createDatasetActivities>;

/** Miners of whose rows fewer than this share was seen valid in an epoch give nothing of that epoch to datasets. */
const LEAST_VALIDITY_PPM = 800_000;

export function createDatasetActivities(deps: DatasetDeps) {
  return {
    /** Publishes the owned, valid rows of all scored epochs as one dataset. */
    async buildDataset(input: BuildInput): Promise<DatasetResult> {
      const commits: CommitRef[] = [];
      const rows: PublishedRow[] = [];
      for (const { digest } of await deps.evidence.all()) {
        const evidence = JSON.parse(new TextDecoder().decode(await deps.store.get(digest))) as Evidence;
        const trusted = trustedMiners(evidence);
        const invalid = new Set(
          evidence.miners.flatMap((miner) => miner.verdicts.filter((v) => v.verdict === 'invalid').map((v) => v.id)),
        );
        for (const commit of await deps.judged.between(evidence.start, evidence.end)) {
          if (!trusted.has(commit.hotkey) || commit.judgement.status !== 'accepted') continue;
          const kept = await keptRows(deps, commit, invalid);
          if (kept.length === 0) continue;
          const index = commits.push(refOf(commit)) - 1;
          rows.push(...kept.map(({ row, leaf }) => ({ ...row, leaf, commit: index })));
          deps.heartbeat({ rows: rows.length });
        }
      }
      return await buildDataset({ recipe: input.recipe, rows, commits, outDir: input.outDir });
    },
  };
}

async function keptRows(deps: DatasetDeps, commit: JudgedCommit, invalid: ReadonlySet<string>) {
  const judged = await judgedRows(deps, commit, await deps.chain.timestamp(commit.blockHash));
  return judged
    .filter(({ owned, row }) => owned && !invalid.has(row.id))
    .map(({ row, leaf }) => ({ row, leaf: Buffer.from(leaf).toString('hex') }));
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
