import type { Claim } from '../core/claim.ts';
import { inSlices } from '../core/in-slices.ts';
import type { DataRecord } from '../core/record.ts';
import { mediaKey, recordKey, textKey } from './identities.ts';
import type { Owners } from './owners.ts';

/** What of a row its keys are made from. */
export type KeyedRow = Pick<DataRecord, 'id' | 'source' | 'text' | 'media'>;

/** Some 10 ms of hashing, for which others wait. */
const ROWS_AT_ONCE = 300;
/** Sources whose rows are pages, which change under one address; posts never count as changed. */
const PAGES: ReadonlySet<string> = new Set(['web', 'rss']);

/**
 * Claims the keys of rows for a commitment. Idempotent.
 * @param mayPay whether a row may be paid: one that may not claims its record alone, so that it keeps nobody else's text from being paid
 */
export async function claimRows<Row extends KeyedRow>(
  owners: Owners,
  rows: readonly Row[],
  claim: Claim,
  mayPay: (row: Row) => boolean = always,
): Promise<void> {
  for await (const slice of inSlices(rows, ROWS_AT_ONCE)) {
    const { records, versions, texts, media } = keysOf(slice, mayPay);
    await owners.record.claim(records, claim, versions);
    await owners.text.claim(texts, claim);
    await owners.media.claim(media, claim);
  }
}

/** Withdraws what `claimRows` claimed. Idempotent. @param atUs microseconds since 1970 */
export async function withdrawRows<Row extends KeyedRow>(
  owners: Owners,
  rows: readonly Row[],
  claim: Claim,
  atUs: number,
  mayPay: (row: Row) => boolean = always,
): Promise<void> {
  const { records, texts, media } = keysOf(rows, mayPay);
  await owners.record.withdraw(records, claim, atUs);
  await owners.text.withdraw(texts, claim, atUs);
  await owners.media.withdraw(media, claim, atUs);
}

const always = (): boolean => true;

/** `versions`: for each row what tells its page's versions apart, its text key; null for what has no versions. */
function keysOf<Row extends KeyedRow>(rows: readonly Row[], mayPay: (row: Row) => boolean) {
  const paying = rows.map(mayPay);
  const texts = rows.map(({ text }) => (text === null ? null : textKey(text)));
  return {
    records: rows.map(({ id }) => recordKey(id)),
    versions: rows.map(({ source }, index) => (PAGES.has(source) ? (texts[index] ?? null) : null)),
    texts: texts.filter((_, index) => paying[index]).filter((key) => key !== null),
    media: rows.map((row, index) => (paying[index] ? mediaKey(row.media) : null)).filter((key) => key !== null),
  };
}
