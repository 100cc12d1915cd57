import type { Claim } from '../core/claim.ts';
import type { DataRecord } from '../core/record.ts';
import { mediaKey, recordKey, textKey } from './identities.ts';
import type { Owners } from './owners.ts';

/** What of a row its keys are made from. */
export type KeyedRow = Pick<DataRecord, 'id' | 'source' | 'text' | 'media'>;

/** Sources whose rows are pages, which change under one address; posts never count as changed. */
const PAGES: ReadonlySet<string> = new Set(['web', 'rss']);

/** Claims all keys of rows for a commitment. Idempotent. */
export async function claimRows(owners: Owners, rows: readonly KeyedRow[], claim: Claim): Promise<void> {
  const { records, versions, texts, media } = keysOf(rows);
  await owners.record.claim(records, claim, versions);
  await owners.text.claim(texts, claim);
  await owners.media.claim(media, claim);
}

/** Withdraws a commitment's claim to all keys of rows. Idempotent. @param atUs microseconds since 1970 */
export async function withdrawRows(
  owners: Owners,
  rows: readonly KeyedRow[],
  claim: Claim,
  atUs: number,
): Promise<void> {
  const { records, texts, media } = keysOf(rows);
  await owners.record.withdraw(records, claim, atUs);
  await owners.text.withdraw(texts, claim, atUs);
  await owners.media.withdraw(media, claim, atUs);
}

/** For each row what tells its page's versions apart, its text key; null for what has no versions. */
function keysOf(rows: readonly KeyedRow[]) {
  const texts = rows.map(({ text }) => (text === null ? null : textKey(text)));
  return {
    records: rows.map(({ id }) => recordKey(id)),
    versions: rows.map(({ source }, index) => (PAGES.has(source) ? (texts[index] ?? null) : null)),
    texts: texts.filter((key) => key !== null),
    media: rows.map((row) => mediaKey(row.media)).filter((key) => key !== null),
  };
}
