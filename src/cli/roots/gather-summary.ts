import { canonicalJson } from '../../core/canonical-json.ts';
import { sha256Hex } from '../../core/hash/sha256.ts';
import { PPB, PPM } from '../../core/units.ts';
import { TOOL } from '../../core/version.ts';
import type { WantedList } from '../../core/wanted.ts';
import { createOutbox } from '../../commit/outbox.ts';
import { weightShares } from '../../commit/weights.ts';
import type { DatasetResult } from '../../datasets/build.ts';
import type { Evidence } from '../../scoring/evidence.ts';
import { explainTasks } from '../../scoring/inference/explain-tasks.ts';
import { createFrontier } from '../../scrapers/frontier/frontier.ts';
import type { RunSummary } from '../summary/schema.ts';
import { commitsOf, scoredEpochs } from './local-progress.ts';
import type { LocalView } from './local-progress.ts';
import { LOCAL_CHAIN } from './local-subnet.ts';
import type { Registered } from './local-subnet.ts';

export interface SummaryFacts {
  startedAt: Date;
  wanted: WantedList;
  dataset: DatasetResult | null;
  durationsMs: Record<string, number>;
  urls: Record<string, string>;
  /** The last epoch that counts: all validators have set their weights for it. */
  epoch: number;
}

type ValidatorResults = RunSummary['validators'][number]['results'];

/** What happened, read where it was counted. */
export async function gatherSummary(view: LocalView, facts: SummaryFacts): Promise<RunSummary> {
  const miners = view.people.filter((person) => person.role === 'miner');
  const validators = view.people.filter((person) => person.role === 'validator');
  return {
    version: 1,
    tool: TOOL,
    started_at: facts.startedAt.toISOString(),
    wanted: sha256Hex(canonicalJson(facts.wanted)),
    miners: await Promise.all(miners.map((miner) => minerFacts(view, miner, facts.wanted))),
    validators: await Promise.all(validators.map((validator) => validatorFacts(view, validator, facts.epoch))),
    dataset:
      facts.dataset === null
        ? null
        : {
            path: facts.dataset.path,
            rows: facts.dataset.rows,
            bytes: facts.dataset.bytes,
            manifest: facts.dataset.manifest,
          },
    durations_ms: facts.durationsMs,
    urls: facts.urls,
  };
}

async function minerFacts(
  view: LocalView,
  miner: Registered,
  wanted: WantedList,
): Promise<RunSummary['miners'][number]> {
  const hotkey = miner.signer.address;
  const counts = await createOutbox({ redis: view.state, hotkey }).counts();
  const frontiers = wanted.jobs.map((job) => createFrontier({ redis: view.state, hotkey, crawl: job.id }).stats());
  const pages = (await Promise.all(frontiers)).reduce((sum, stats) => sum + stats.pages, 0);
  const commits = (await commitsOf(view, hotkey)).map(({ block, digest, rows }) => ({ block, digest, rows }));
  return {
    name: miner.name,
    hotkey,
    uid: miner.uid,
    pages,
    records: counts.rows,
    duplicates: counts.duplicates,
    commits,
  };
}

/** Rows, rejections and checks of all epochs up to this one added up; its score and reasons; weights as the chain holds them for it. */
async function validatorFacts(
  view: LocalView,
  validator: Registered,
  epoch: number,
): Promise<RunSummary['validators'][number]> {
  const hotkey = validator.signer.address;
  const scored = (await scoredEpochs(view, hotkey)).filter(({ evidence }) => evidence.epoch <= epoch);
  const epochs = scored.map(({ evidence }) => evidence);
  const block = scored.at(-1)?.weightsBlock ?? undefined;
  const shares = weightShares(await view.chain.weights(LOCAL_CHAIN.netuid, validator.uid, block));
  const results: ValidatorResults = {};
  const last = epochs.at(-1);
  for (const { uid, hotkey: miner } of last?.miners ?? []) {
    const scores = (last?.scores ?? []).filter((score) => score.uid === uid);
    results[uid] = {
      ...addUp(epochs, miner),
      score: scores.reduce((sum, { score }) => sum + score, 0),
      weight: shares.get(uid) ?? 0,
      why: Object.fromEntries(
        scores.map(({ pool, score, why }) => {
          const share_ppm = last?.parameters.pools.find(({ name }) => name === pool)?.share_ppm ?? 0;
          return [pool, { share_ppm, score, ...why }];
        }),
      ),
    };
  }
  return { name: validator.name, hotkey, uid: validator.uid, results, inference: taskFacts(last) };
}

function taskFacts(evidence: Evidence | undefined): RunSummary['validators'][number]['inference'] {
  const { inference } = evidence ?? {};
  if (inference === undefined) return [];
  const uids = inference.miners.map(({ uid }) => uid);
  return uids
    .flatMap((uid) => explainTasks(inference, inference.scores, uid))
    .map(({ score, newest, reasons }) => {
      const why = score.reasons;
      const [paid_ppm, worth_ppm] = why.formula === 'seine' ? [why.paid_ppm, why.worth_ppm] : [0, 0];
      return {
        ...{ task: score.task, uid: score.uid, stated: newest.stated },
        ...{ paid: paid_ppm / PPM, worth: worth_ppm / PPM, weight: score.weight_ppb / PPB },
        requests: Object.fromEntries(reasons.map(({ reason, requests }) => [reason, requests])),
      };
    })
    .sort((a, b) => (a.task === b.task ? a.uid - b.uid : a.task < b.task ? -1 : 1));
}

function addUp(epochs: readonly Evidence[], hotkey: string) {
  const total = {
    rows_verified: 0,
    rows_owned: 0,
    rejected: {} as Record<string, number>,
    spot_checks: { valid: 0, invalid: 0, gone: 0, inconclusive: 0 },
  };
  for (const miner of epochs.flatMap((epoch) => epoch.miners).filter((item) => item.hotkey === hotkey)) {
    total.rows_verified += miner.rows_verified;
    total.rows_owned += miner.rows_owned;
    for (const [reason, n] of Object.entries(miner.rejected))
      total.rejected[reason] = (total.rejected[reason] ?? 0) + n;
    for (const { verdict, reason } of miner.verdicts) {
      total.spot_checks[verdict] += 1;
      if (verdict !== 'valid') total.rejected[reason] = (total.rejected[reason] ?? 0) + 1;
    }
  }
  return total;
}
