import { canonicalJson } from '../core/canonical-json.ts';
import { reviewInvalid } from './archived.ts';
import type { Evidence, EvidenceCommit, EvidenceMiner } from './evidence.ts';

/** A place where two validators' evidence of one epoch says different things; null where one says nothing. */
export interface Difference {
  part: 'rules' | 'commit' | 'count' | 'verdict' | 'score' | 'weight';
  /** What differs, such as a hotkey, a commitment or a row. */
  subject: string;
  a: string | null;
  b: string | null;
}

/** An `invalid` verdict of one of the two that what it archived does not bear out. */
export interface RefutedVerdict {
  by: 'a' | 'b';
  hotkey: string;
  id: string;
  reason: string;
  /** Why it does not hold. */
  why: string;
}

export interface Comparison {
  /** Rules first, then commits, counts, verdicts, scores and weights: what comes later may follow from what comes before. */
  differences: Difference[];
  refuted: RefutedVerdict[];
  /** `invalid` verdicts whose archived response could not be had. */
  unseen: number;
}

/** Reads an archived object by its digest; null where it can't be had. */
export type ReadArchived = (digest: string) => string | null;

/**
 * Where two validators' bundles of the same epoch differ, and which of their `invalid` verdicts are refuted by their own archive. Validators draw
 * samples of their own, so only rows that both checked can differ in their verdict; pages change, so not each such difference is a lie.
 */
export function compareEvidence(a: Evidence, b: Evidence, read: ReadArchived): Comparison {
  const reviews = (['a', 'b'] as const).flatMap((by) => reviewed(by, by === 'a' ? a : b, read));
  return {
    differences: [
      ...compared('rules', rulesOf(a), rulesOf(b)),
      ...compared('commit', commitsOf(a), commitsOf(b)),
      ...compared('count', countsOf(a), countsOf(b)),
      ...compared('verdict', verdictsOf(a), verdictsOf(b)).filter((item) => item.a !== null && item.b !== null),
      ...compared('score', scoresOf(a), scoresOf(b)),
      ...compared('weight', weightsOf(a), weightsOf(b)),
    ],
    refuted: reviews.flatMap(({ review, ...verdict }) =>
      review.outcome === 'refuted' ? [{ ...verdict, why: review.why }] : [],
    ),
    unseen: reviews.filter(({ review }) => review.outcome === 'unseen').length,
  };
}

function reviewed(by: 'a' | 'b', evidence: Evidence, read: ReadArchived) {
  return evidence.miners.flatMap(({ hotkey, verdicts }) => {
    const committed = evidence.commits.filter((commit) => commit.hotkey === hotkey && commit.status === 'accepted');
    const times = new Set(committed.map(({ committed_at }) => committed_at));
    return verdicts
      .filter(({ verdict }) => verdict === 'invalid')
      .map((verdict) => {
        const text = verdict.archived === undefined ? null : read(verdict.archived);
        return { by, hotkey, id: verdict.id, reason: verdict.reason, review: reviewInvalid(verdict, text, times) };
      });
  });
}

type Said = ReadonlyMap<string, string>;

function compared(part: Difference['part'], a: Said, b: Said): Difference[] {
  const subjects = [...new Set([...a.keys(), ...b.keys()])].sort();
  return subjects
    .map((subject) => ({ part, subject, a: a.get(subject) ?? null, b: b.get(subject) ?? null }))
    .filter((item) => item.a !== item.b);
}

function rulesOf({ netuid, epoch, start, end, seed_block, wanted, parameters, inference }: Evidence): Said {
  const tasks = inference === undefined ? {} : { tasks: inference.tasks_digest };
  const rules = { netuid, epoch, start, end, seed_block: seed_block.hash, wanted, ...tasks, ...parameters };
  return new Map(Object.entries(rules).map(([name, value]) => [name, canonicalJson(value)]));
}

function commitsOf({ commits }: Evidence): Said {
  const name = ({ hotkey, block, event }: EvidenceCommit): string => `${hotkey} ${block}-${event}`;
  return new Map(
    commits.map((commit) => {
      const { manifest, rows, committed_at, status, reason } = commit;
      return [
        name(commit),
        [status, reason, `${rows} rows`, manifest, committed_at].filter((item) => item !== '').join(' '),
      ];
    }),
  );
}

/** What does not depend on a validator's own sample. */
function countsOf({ miners }: Evidence): Said {
  const facts = ({ rows_verified, rows_owned, rows_payable, payable_ppm }: EvidenceMiner) =>
    Object.entries({ rows_verified, rows_owned, rows_payable, payable_ppm });
  return new Map(
    miners.flatMap((miner) => facts(miner).map(([name, value]) => [`${miner.hotkey} ${name}`, canonicalJson(value)])),
  );
}

function verdictsOf({ miners }: Evidence): Said {
  return new Map(
    miners.flatMap(({ hotkey, verdicts }) =>
      verdicts.map(({ id, verdict, reason }) => [`${hotkey} ${id}`, `${verdict} ${reason}`] as const),
    ),
  );
}

/** At tasks each validator asks by itself, so these differ somewhat. */
function scoresOf({ scores, inference }: Evidence): Said {
  const data = scores.map(({ pool, hotkey, score }) => [`${hotkey} ${pool}`, `${score}`] as const);
  const tasks = (inference?.scores ?? []).map(
    ({ pool, hotkey, earned }) => [`${hotkey} ${pool}`, `${earned}`] as const,
  );
  return new Map([...data, ...tasks]);
}

function weightsOf({ weights_ppb }: Evidence): Said {
  return new Map(weights_ppb.map(({ uid, weight_ppb }) => [`uid ${uid}`, `${weight_ppb}`]));
}
