import { resolve } from 'node:path';
import { lookUpAnchor } from '../commit/anchored-secret.ts';
import type { AnchorFinding } from '../commit/anchored-secret.ts';
import type { Evidence } from '../scoring/evidence.ts';
import { checkEvidence } from '../scoring/explain.ts';
import { EXIT } from './exit-codes.ts';
import { readEvidence } from './score-bundles.ts';
import type { Session } from './session.ts';
import type { Cell } from './table.ts';
import { withChain } from './with-chain.ts';

interface LookedUp {
  period_ms: number;
  period: number;
  seed_block: number;
  anchored_block: number | null;
  finding: AnchorFinding;
}

const WORDS: Readonly<Record<AnchorFinding, Cell>> = {
  anchored: { text: 'anchored before the seed block', tone: 'good' },
  never_anchored: { text: 'not anchored: the validator could choose its prompts', tone: 'warn' },
  other_block: { text: 'the seed block is not of this chain', tone: 'bad' },
  not_first: { text: "the seed block is not the period's first", tone: 'bad' },
  not_held: { text: "the validator's commitment was another at that block", tone: 'bad' },
  unknown: { text: 'the node has dropped those blocks: name an archive (subtensor.archive)', tone: 'warn' },
};

const FAULTS: ReadonlySet<AnchorFinding> = new Set(['other_block', 'not_first', 'not_held']);

/** Recomputes a bundle, and looks on chain for the seed block and the anchored secret of each challenge period; ends with 1 where something is not as it says. */
export async function verifyBundle(session: Session, path: string): Promise<number> {
  const { context, out } = session;
  const evidence = readEvidence(resolve(context.cwd, path));
  const { ok: recomputes, problems } = checkEvidence(evidence);
  for (const problem of problems) out.line(problem, 'bad');
  if (recomputes) out.line('Recomputed: every weight is what the numbers in the bundle give.', 'good');
  const periods = await lookUp(session, evidence);
  if (periods.length === 0) {
    out.line('It has no challenge periods: nothing of it was looked for on chain.');
  } else {
    out.table({
      title: `Challenge periods of ${evidence.validator}`,
      columns: ['length', 'period', 'seed block', 'anchored at', 'on chain'],
      rows: periods.map(({ period_ms, period, seed_block, anchored_block, finding }) => [
        ...[
          `${period_ms / 1000} s`,
          `${period}`,
          `${seed_block}`,
          anchored_block === null ? null : `${anchored_block}`,
        ],
        WORDS[finding],
      ]),
    });
  }
  const ok = recomputes && !periods.some(({ finding }) => FAULTS.has(finding));
  out.json({ ok, problems, epoch: evidence.epoch, validator: evidence.validator, periods });
  return ok ? EXIT.ok : EXIT.failure;
}

async function lookUp(session: Session, evidence: Evidence): Promise<LookedUp[]> {
  const proofs = evidence.inference?.proofs ?? [];
  if (proofs.length === 0) return [];
  return await withChain(session, async (chain) => {
    const periods: LookedUp[] = [];
    for (const proof of proofs) {
      session.out.progress({ step: 'looking up periods', done: periods.length, total: proofs.length });
      const { period_ms, period, seed_block, anchored_block } = proof;
      const finding = await lookUpAnchor(chain, evidence, proof);
      periods.push({ period_ms, period, seed_block: seed_block.number, anchored_block, finding });
    }
    return periods;
  });
}
