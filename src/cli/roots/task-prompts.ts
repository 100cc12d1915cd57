import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import { sha256Hex } from '../../core/hash/sha256.ts';
import type { PeriodProof, PeriodRecord } from '../../core/inference-period.ts';
import { TOOL } from '../../core/version.ts';
import { archivedOutcomes, archivedPlan, archivedRecipe } from '../../inference/challenge/archived-period.ts';
import { planFault } from '../../inference/challenge/plan-proof.ts';
import { FINDINGS, requestsAgain } from '../../inference/challenge/requests-again.ts';
import type { Finding, Material, RequestAgain } from '../../inference/challenge/requests-again.ts';
import { EXIT } from '../exit-codes.ts';
import type { Output } from '../output.ts';
import { readArchive, readEvidence } from '../score-bundles.ts';
import type { Session } from '../session.ts';
import { UsageError } from '../usage-error.ts';
import { readPromptSources } from './prompt-corpus.ts';

/** Of requests that don't hold; the counts have all of them. */
const MOST_SHOWN = 100;
const PROGRESS_EVERY = 1000;

export interface PromptsOptions {
  archive: string;
  dataset?: string[];
  period?: number;
  requests?: string;
}

/** A period whose requests were made again. */
interface PeriodAgain {
  period_ms: number;
  period: number;
  /** Block that fixed its secret before; null where nothing shows that. */
  anchored_block: number | null;
  /** What is wrong with the whole of it. */
  problems: string[];
  counts: Partial<Record<Finding, number>>;
  /** Requests whose prompt is not the first attempt's: what the validator says that it had asked before. */
  later_attempts: number;
  /** The first hundred. */
  wrong: Pick<RequestAgain, 'miner' | 'task' | 'index' | 'finding'>[];
}

interface Means {
  validator: string;
  records: readonly PeriodRecord[];
  /** Archived objects, checked. */
  read: (digest: string) => string | null;
  materialOf: (recipe: string) => Material | null;
  note: (made: RequestAgain, proof: PeriodProof) => Promise<void>;
  out: Output;
}

/**
 * Makes the requests of an evidence bundle's periods again, and says which are not those that were sent.
 * @returns exit code: 1 where anything is wrong, or not in the archive
 */
export async function checkPrompts({ context, out }: Session, path: string, options: PromptsOptions): Promise<number> {
  const at = (given: string): string => resolve(context.cwd, given);
  const { validator, inference } = readEvidence(at(path));
  const { period, requests } = options;
  const proofs = (inference?.proofs ?? []).filter((proof) => period === undefined || proof.period === period);
  if (inference === undefined || proofs.length === 0) {
    throw new UsageError(`this bundle has no ${period === undefined ? 'period of inference' : `period ${period}`}`);
  }
  const read = checkedArchive(at(options.archive));
  const materialOf = await materials((options.dataset ?? []).map(at), read, out);
  const file = requests === undefined ? null : await open(at(requests), 'w');
  const periods: PeriodAgain[] = [];
  try {
    const note: Means['note'] = async (made, { period_ms, period: of }) => {
      await file?.appendFile(`${JSON.stringify({ period_ms, period: of, ...made })}\n`);
    };
    const means = { validator, records: inference.records, read, materialOf, note, out };
    for (const proof of proofs) periods.push(await periodAgain(proof, means));
  } finally {
    await file?.close();
  }
  const ok = periods.every(({ problems, wrong }) => problems.length === 0 && wrong.length === 0);
  print(periods, out);
  if (ok) out.line('Nothing was sent that the seeds do not give.', 'good');
  out.json({ ok, validator, periods });
  return ok ? EXIT.ok : EXIT.failure;
}

async function periodAgain(proof: PeriodProof, means: Means): Promise<PeriodAgain> {
  const { period_ms, period, anchored_block, secret } = proof;
  const again: PeriodAgain = {
    ...{ period_ms, period, anchored_block },
    ...{ problems: [], counts: {}, later_attempts: 0, wrong: [] },
  };
  const text = means.read(proof.plan);
  if (text === null) return { ...again, problems: [`its plan ${proof.plan} is not in the archive`] };
  const plan = archivedPlan(text);
  const fault = planFault(plan, proof, means.validator);
  if (fault !== null) return { ...again, problems: [fault] };
  const names = new Set(plan.tasks.map(({ name }) => name));
  const own = means.records.filter((record) => record.period === period && names.has(record.task));
  for (const digest of new Set(own.map(({ outcomes }) => outcomes))) {
    const outcomes = means.read(digest);
    if (outcomes === null) {
      again.problems.push(`its outcomes ${digest} are not in the archive`);
      continue;
    }
    let done = 0;
    for await (const made of requestsAgain({ plan, secret }, archivedOutcomes(outcomes), means.materialOf)) {
      const { miner, task, index, finding, attempt } = made;
      again.counts[finding] = (again.counts[finding] ?? 0) + 1;
      if (attempt > 0) again.later_attempts += 1;
      if (FINDINGS[finding].isWrong && again.wrong.length < MOST_SHOWN)
        again.wrong.push({ miner, task, index, finding });
      await means.note(made, proof);
      done += 1;
      if (done % PROGRESS_EVERY === 0) means.out.progress({ step: `period ${period}`, done, unit: 'requests' });
    }
  }
  return again;
}

/** Objects by digest; what is not the digest's is refused. */
function checkedArchive(folder: string): (digest: string) => string | null {
  const read = readArchive(folder);
  return (digest) => {
    const text = read(digest);
    if (text === null || sha256Hex(text) === digest) return text;
    throw new UsageError(`the object ${digest} in ${folder} has another digest: it is damaged`, { folder });
  };
}

/** What recipes stand for, as far as the datasets given here are theirs. Each is read once. */
async function materials(
  folders: readonly string[],
  read: (digest: string) => string | null,
  out: Output,
): Promise<(recipe: string) => Material | null> {
  const { sources, recipe: own } = await readPromptSources(folders, (line) => out.line(line));
  const known = new Map<string, Material | null>();
  const materialIn = (digest: string): Material | null => {
    const text = read(digest);
    if (text === null) return null;
    const recipe = archivedRecipe(text);
    const isOwn = recipe.sources === own.sources;
    if (!isOwn)
      out.line(`prompts were made of other datasets: give those with manifests ${recipe.datasets.join(', ')}`);
    if (recipe.tool !== TOOL)
      out.line(`prompts were made by ${recipe.tool}, which may make others than ${TOOL}`, 'warn');
    return { recipe, sources: isOwn ? sources : null };
  };
  return (digest) => {
    if (!known.has(digest)) known.set(digest, materialIn(digest));
    return known.get(digest) ?? null;
  };
}

function print(periods: readonly PeriodAgain[], out: Output): void {
  for (const { period, anchored_block, problems, counts, later_attempts, wrong } of periods) {
    const found = Object.entries(counts) as [Finding, number][];
    out.table({
      title: `Period ${period}, ${anchored_block === null ? 'secret not anchored' : `secret anchored in block ${anchored_block}`}`,
      columns: ['requests', 'finding', ''],
      rows: found.map(([finding, count]) => [count, finding, FINDINGS[finding].meaning]),
    });
    if (later_attempts > 0)
      out.line(`${later_attempts} prompts are of later attempts: earlier ones had been asked before`);
    for (const problem of problems) out.line(problem, 'bad');
    for (const { miner, task, index, finding } of wrong) out.line(`${miner}, ${task}, ${index}: ${finding}`, 'bad');
  }
}
