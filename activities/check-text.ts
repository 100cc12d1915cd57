import type { CheckResult } from '../src/core/inference-period.ts';
import { PPM } from '../src/core/units.ts';
import type { TaskChecker } from '../src/inference/checks/checker.ts';
import { alignTokens, drawnPositions, statedSpans } from '../src/inference/checks/compare-text.ts';
import type { AlignedToken } from '../src/inference/checks/compare-text.ts';
import { ppmOfLogprob, pptOfLogprob } from '../src/inference/checks/float-units.ts';
import type { PrefilledAnswer, PrefilledToken, TextRequest } from '../src/inference/checks/prefill.ts';
import { statedAnswer } from '../src/inference/checks/stated-answer.ts';
import type { StatedAnswer } from '../src/inference/checks/stated-answer.ts';
import type { TaskCheck } from '../src/inference/tasks/task.ts';
import { isCutShort } from '../src/scoring/inference/checks/text-end.ts';
import { gradeTextProbabilities } from '../src/scoring/inference/checks/text-probabilities.ts';
import type { ComparedProbability, SeenToken } from '../src/scoring/inference/checks/text-probabilities.ts';
import { gradeTopTokens } from '../src/scoring/inference/checks/text-top-tokens.ts';
import type { CheckInput } from './check-answer.ts';
import { needed, verdictOf, wrong } from './check-verdicts.ts';

export type TextCheck = Extract<TaskCheck, { method: 'text-probabilities' | 'text-top-tokens' }>;

/**
 * Checks a text by what the validator's model makes of it, token by token, against what its miner states of it. Throws what the prefill throws.
 */
export async function checkText(
  { task, request, answer, seed }: CheckInput,
  check: TextCheck,
  checker: TaskChecker,
  signal: AbortSignal,
): Promise<CheckResult> {
  const prefill = needed(checker.prefill, task.name, 'a way of prefill');
  const stated = statedAnswer(answer);
  if (stated === null || (request.api !== 'chat' && request.api !== 'completion')) return wrong('malformed');
  // The validator asks for no answer of nothing.
  if (stated.text.trim() === '') return wrong('cut_short');
  if (stated.tokens === null || stated.tokens.length === 0) return wrong('no_probabilities');
  if (statedSpans(stated.tokens, stated.text) === null) return wrong('other_text');
  const seen = await prefill(request, stated.text, signal);
  const aligned = alignTokens(stated.text, stated.tokens, seen) ?? [];
  const result = verdictOf(
    check.method === 'text-probabilities' ? probabilities(aligned, check, seed) : topTokens(aligned, check),
  );
  // Whatever else is said of it comes first: a wrong model ends elsewhere too.
  return result.verdict !== 'wrong' && isCutShort(endOf(request, stated, seen)) ? wrong('cut_short') : result;
}

function probabilities(
  aligned: readonly AlignedToken[],
  check: Extract<TextCheck, { method: 'text-probabilities' }>,
  seed: string,
) {
  const compared = drawnPositions(seed, aligned.length, check.positions).flatMap((position) => {
    const token = aligned[position];
    return token === undefined ? [] : [comparedOf(token)];
  });
  return gradeTextProbabilities(
    aligned.map(({ verifier }) => seenOf(verifier, check.top)),
    compared,
    check,
  );
}

function topTokens(aligned: readonly AlignedToken[], check: Extract<TextCheck, { method: 'text-top-tokens' }>) {
  return gradeTopTokens(
    aligned.map(({ miner }) => miner?.top.map(({ text }) => text) ?? []),
    aligned.map(({ verifier }) => verifier.top.map(({ text }) => text)),
    check,
  );
}

function seenOf({ rank, logprob, end_logprob, top: likeliest }: PrefilledToken, top: number): SeenToken {
  const inside = likeliest.slice(0, top).reduce((sum, each) => sum + ppmOfLogprob(each.logprob), 0);
  return {
    rank,
    probability_ppt: pptOfLogprob(logprob),
    end_ppt: pptOfLogprob(end_logprob),
    outside_ppm: Math.max(PPM - inside, 0),
  };
}

/** A token that its miner does not state is one that it gives no probability to: else misplaced tokens would leave nothing to compare. */
function comparedOf({ verifier, miner }: AlignedToken): ComparedProbability {
  return { verifier_ppm: ppmOfLogprob(verifier.logprob), miner_ppm: miner === null ? 0 : ppmOfLogprob(miner.logprob) };
}

function endOf({ body }: TextRequest, { finish }: StatedAnswer, { tokens, end_logprob }: PrefilledAnswer) {
  return {
    is_length: finish === 'length',
    // At least 1: among the likeliest is enough.
    end_ppt: end_logprob === null ? 0 : Math.max(pptOfLogprob(end_logprob), 1),
    tokens: tokens.length,
    max_tokens: body.max_tokens ?? null,
    has_stop_words: body.stop !== undefined,
  };
}
