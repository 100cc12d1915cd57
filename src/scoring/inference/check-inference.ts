import { canonicalJson } from '../../core/canonical-json.ts';
import { revealFault } from '../../core/hash/prompt-secret.ts';
import type { RevealFault } from '../../core/hash/prompt-secret.ts';
import { sha256Hex } from '../../core/hash/sha256.ts';
import type { PeriodProof, PeriodRecord } from '../../core/inference-period.ts';
import { fullLoadDraw, isFullLoad } from './full-load.ts';
import type { InferenceEvidence } from './inference-evidence.ts';
import type { InferenceScores } from './inference-scores.ts';
import { periodOf } from './inference-task.ts';

/**
 * What is wrong with the part of a bundle that is about inference; empty where it holds: scores and memory are those that the records give, records fit
 * their periods and their own sums, each period's secret is the one whose digest was fixed before it, and full loads are those that were drawn.
 * @param validator whose bundle it is: its address is in the digests
 */
export function inferenceProblems(
  evidence: InferenceEvidence,
  again: InferenceScores,
  validator: string,
  windowPeriods: number,
): string[] {
  const problems: string[] = [];
  if (sha256Hex(canonicalJson(evidence.tasks)) !== evidence.tasks_digest) {
    problems.push('inference: the list of tasks has another digest');
  }
  if (canonicalJson(again.scores) !== canonicalJson(evidence.scores)) {
    problems.push('inference: the scores are not those that the records give');
  }
  if (canonicalJson(again.memory) !== canonicalJson(evidence.after)) {
    problems.push('inference: what is remembered is not what the records give');
  }
  return [
    ...problems,
    ...evidence.proofs.flatMap((proof) => proofProblems(proof, validator)),
    ...drawProblems(evidence.proofs, windowPeriods),
    ...recordsProblems(evidence),
  ];
}

function proofProblems(proof: PeriodProof, validator: string): string[] {
  const { period, digest, seed_block, anchored_block } = proof;
  // A digest that the chain had no room for still ties the secret to its validator and period.
  const anchored = { validator, period, digest, block: anchored_block ?? seed_block.number - 1 };
  const fault = revealFault(anchored, { validator, period, secret: proof.secret }, seed_block.number);
  return fault === null ? [] : [`inference: the secret of period ${period} proves nothing: ${FAULTS[fault]}`];
}

const FAULTS: Readonly<Record<RevealFault, string>> = {
  other_validator: "it is another validator's",
  other_period: "it is another period's",
  not_a_secret: 'it is no 64 hex characters',
  wrong_digest: 'it has another digest than the one that was fixed before',
  anchored_too_late: 'its digest was anchored after the block that seeds the prompts',
};

/** Nobody chose which periods are of full load. After a gap it isn't known when the last one was, so nothing is said until the next. */
function drawProblems(proofs: readonly PeriodProof[], windowPeriods: number): string[] {
  const inOrder = proofs.toSorted((a, b) => a.period_ms - b.period_ms || a.period - b.period);
  let last: number | null = null;
  return inOrder.flatMap(({ period_ms, period, full_load, seed_block }, index) => {
    const before = inOrder[index - 1];
    if (before?.period_ms !== period_ms || before.period !== period - 1) last = null;
    const drawn = last === null ? full_load : isFullLoad(fullLoadDraw(seed_block.hash), period - last, windowPeriods);
    if (full_load) last = period;
    if (drawn === full_load) return [];
    return [`inference: period ${period} was ${drawn ? 'drawn' : 'not drawn'} to be one of full load`];
  });
}

function recordsProblems({ records, proofs, tasks, until_ms }: InferenceEvidence): string[] {
  const lengths = new Map(tasks.tasks.map(({ name, period_ms }) => [name, period_ms]));
  const proved = new Map(proofs.map((proof) => [`${proof.period_ms} ${proof.period}`, proof]));
  const seen = new Set<string>();
  return records.flatMap((record) => {
    const { task, period, hotkey, registered, ended_ms } = record;
    const of = `inference: ${task}, period ${period}, ${hotkey}`;
    const name = `${task} ${period} ${hotkey} ${registered}`;
    const twice = seen.has(name) ? [`${of}: there are two records`] : [];
    seen.add(name);
    const late = ended_ms > until_ms ? [`${of}: it ended after the epoch's seed block`] : [];
    return [...twice, ...late, ...sumProblems(of, record), ...loadProblems(of, record, lengths.get(task), proved)];
  });
}

/** Each request came to something, and is counted once. */
function sumProblems(of: string, { reasons, tally, answers }: PeriodRecord): string[] {
  const { total, limited, failed } = tally.requests;
  const counted = Object.values(reasons).reduce((sum, count) => sum + count, 0);
  const problems: string[] = [];
  if (counted !== total) problems.push(`${of}: ${total} requests stated, ${counted} with a reason`);
  if (limited + failed > total) problems.push(`${of}: ${limited + failed} of ${total} requests were not answered`);
  if (answers.length > total) problems.push(`${of}: ${answers.length} answers to ${total} requests`);
  return problems;
}

/** A period of the task's own length has a proof, which says whether it was one of full load. Others count for nothing. */
function loadProblems(
  of: string,
  record: PeriodRecord,
  length: number | undefined,
  proved: ReadonlyMap<string, PeriodProof>,
): string[] {
  if (length === undefined || periodOf(record, { period_ms: length }) !== record.period) return [];
  const proof = proved.get(`${length} ${record.period}`);
  if (proof === undefined) return [`${of}: nothing proves its prompts`];
  if (proof.full_load === record.tally.full_load) return [];
  return [`${of}: ${proof.full_load ? 'a full load that is not counted as one' : 'it was no full load'}`];
}
