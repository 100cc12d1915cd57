import type { DataRecord } from '../../core/record.ts';
import type { WantedJob } from '../../core/wanted.ts';
import { timeOf } from './clock.ts';
import { placeOf } from './ledger.ts';
import type { Ledger, Place } from './ledger.ts';
import type { Rules } from './rules.ts';
import type { Scenario } from './scenario.ts';
import type { Commitment } from './strategy.ts';

/** A commitment at its place in the chain. */
export interface Placed extends Commitment {
  place: Place;
  /** Rows that are refused without a fetch. */
  refused: ReadonlySet<DataRecord>;
}

/** A row of an accepted commitment, with what ownership makes of it. */
export interface JudgedRow {
  row: DataRecord;
  commitment: Placed;
  owned: boolean;
  /** The job that pays the row; null when it is not paid. */
  job: WantedJob | null;
}

/** Commitments in the order of the chain; those of one block in the order given. */
export function inOrder(commitments: readonly Commitment[], rules: Rules): Placed[] {
  const events = new Map<number, number>();
  return [...commitments]
    .sort((a, b) => a.block - b.block)
    .map((commitment) => {
      const event = events.get(commitment.block) ?? 0;
      events.set(commitment.block, event + 1);
      const atUs = timeOf(commitment.block);
      const refused = new Set(commitment.rows.filter((row) => rules.refusalOf(row, atUs) !== null));
      return { ...commitment, place: placeOf(commitment.block, event), refused };
    });
}

/** Whether a commitment counts: its manifest is its own, its rows are allowed, and most of the stake had its bytes in time. */
export function statusOf(
  { servedTo, manifestOf, hotkey, rows }: Placed,
  rules: Rules,
  { validators, parameters }: Pick<Scenario, 'validators' | 'parameters'>,
): 'accepted' | 'rejected' | 'void' {
  if ((manifestOf ?? hotkey) !== hotkey || rows.length > parameters.allowance_rows) return 'rejected';
  if (servedTo === null) return 'accepted';
  const had = Array.from({ length: validators }, (_, index) => ({ stake: 1n, available: servedTo.includes(index) }));
  return rules.isAvailable(had) ? 'accepted' : 'void';
}

/** Claims the rows that are not refused. */
export function claimRows({ rows, refused, place }: Placed, ledger: Ledger): void {
  for (const row of rows) if (!refused.has(row)) ledger.claim(row, place);
}

/**
 * Rows of an accepted commitment with their owners as a ledger knows them, by the rules of `judgedRows` in activities/owned-rows.ts: owning the
 * record includes a row; to be paid its text must be the claimant's first as well, and once only.
 */
export function judgedRows(
  commitment: Placed,
  rules: Rules,
  ledger: Ledger,
  jobOf: (row: DataRecord) => WantedJob | null,
): JudgedRow[] {
  const { place, block, rows, refused } = commitment;
  const [ids, paidTexts] = [new Set<string>(), new Set<string>()];
  return rows.map((row) => {
    if (refused.has(row)) return { row, commitment, owned: false, job: null };
    const record = ledger.record(row, place);
    const text = ledger.text(row, place);
    const owned = record.owned && !ids.has(row.id);
    ids.add(row.id);
    const textKey = rules.keysOf(row).text ?? '';
    const isFirstText = text === null || (text.owned && !paidTexts.has(textKey));
    const returnedFrom = [...record.returnedFrom, ...(text?.returnedFrom ?? [])];
    const paid = owned && isFirstText && rules.isReturnPaid({ block }, returnedFrom, row.scraped_at);
    if (paid && text !== null) paidTexts.add(textKey);
    return { row, commitment, owned, job: paid ? jobOf(row) : null };
  });
}
