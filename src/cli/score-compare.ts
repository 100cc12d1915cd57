import { compareEvidence } from '../scoring/compare.ts';
import type { ReadArchived } from '../scoring/compare.ts';
import type { Evidence } from '../scoring/evidence.ts';
import { checkEvidence, recompute } from '../scoring/explain.ts';
import { EXIT } from './exit-codes.ts';
import type { Output } from './output.ts';
import { percent } from './score-steps.ts';
import { UsageError } from './usage-error.ts';
import { PPB } from '../core/units.ts';

/** Shows the weights that a bundle's numbers give; ends with 1 where they are not the bundle's own. */
export function recomputeWeights(evidence: Evidence, out: Output): number {
  const { weights } = recompute(evidence);
  const { ok, problems } = checkEvidence(evidence);
  const stated = new Map(evidence.weights_ppb.map(({ uid, weight_ppb }) => [uid, weight_ppb]));
  out.table({
    title: `Epoch ${evidence.epoch} of subnet ${evidence.netuid}, validator ${evidence.validator}`,
    columns: ['uid', 'recomputed', 'in the bundle'],
    rows: weights.map(({ uid, weight_ppb }) => [
      `${uid}`,
      { text: percent(weight_ppb, PPB), tone: 'strong' },
      percent(stated.get(uid) ?? 0, PPB),
    ]),
  });
  for (const problem of problems) out.line(problem, 'bad');
  if (ok) out.line('Recomputed: every weight is what the numbers in the bundle give.', 'good');
  out.json({ ok, problems, epoch: evidence.epoch, validator: evidence.validator, weights });
  return ok ? EXIT.ok : EXIT.failure;
}

/** Shows where two validators' bundles of an epoch differ; ends with 1 where an `invalid` of one of them is refuted. */
export function compareBundles(a: Evidence, b: Evidence, read: ReadArchived, out: Output): number {
  if (a.netuid !== b.netuid || a.epoch !== b.epoch) {
    throw new UsageError(
      `the bundles are of different epochs: ${a.epoch} of subnet ${a.netuid}, ${b.epoch} of subnet ${b.netuid}`,
      { a: a.epoch, b: b.epoch },
    );
  }
  const { differences, refuted, unseen } = compareEvidence(a, b, read);
  out.line(`Epoch ${a.epoch} of subnet ${a.netuid}: A is ${a.validator}, B is ${b.validator}`);
  if (differences.length > 0) {
    out.table({
      title: 'Differences',
      columns: ['part', 'of', 'A', 'B'],
      rows: differences.map((item) => [item.part, item.subject, item.a ?? '-', item.b ?? '-']),
    });
  } else {
    out.line('They say the same.', 'good');
  }
  if (refuted.length > 0) {
    out.table({
      title: 'Invalid verdicts that do not hold',
      columns: ['by', 'miner', 'row', 'reason', 'but'],
      rows: refuted.map(({ by, hotkey, id, reason, why }) => [by.toUpperCase(), hotkey.slice(0, 8), id, reason, why]),
    });
  }
  if (unseen > 0)
    out.line(`${unseen} invalid verdicts can't be checked: give their archived responses by --archive`, 'warn');
  out.json({ epoch: a.epoch, a: a.validator, b: b.validator, differences, refuted, unseen });
  return refuted.length === 0 ? EXIT.ok : EXIT.failure;
}
