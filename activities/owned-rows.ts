import type { Claim } from '../src/core/claim.ts';
import type { DataRecord } from '../src/core/record.ts';
import { payingJob } from '../src/core/wanted.ts';
import type { WantedJob } from '../src/core/wanted.ts';
import { SeineError } from '../src/core/errors.ts';
import type { JudgedCommit } from '../src/commit/judged-commits.ts';
import type { ObjectStore } from '../src/datasets/storage.ts';
import { verifyShard } from '../src/datasets/verify-shard.ts';
import { mediaKey, recordKey, textKey } from '../src/dedup/identities.ts';
import type { KeyOwners, Owners, Standing } from '../src/dedup/owners.ts';
import { isReturnPaid } from '../src/dedup/ownership.ts';
import { refusalOf } from './collect.ts';
import type { CollectDeps } from './collect.ts';

export interface OwnedRowsDeps {
  store: ObjectStore;
  owners: Owners;
  wanted: CollectDeps['wanted'];
  canonicalId: CollectDeps['canonicalId'];
}

/** A committed row with what ownership makes of it. */
export interface JudgedRow {
  row: DataRecord;
  /** RFC 6962 leaf hash of the committed row. */
  leaf: Uint8Array;
  /** Whether the commitment holds the smallest claim to the record. */
  owned: boolean;
  /** Why the row is paid nothing; null when it may be paid. */
  unpaid: string | null;
  /** The job that pays it; null when it is paid nothing. */
  job: WantedJob | null;
}

/**
 * All rows of an accepted commitment, with their owners as the index knows them now. Owning the record includes a row in datasets; to be paid, its
 * text must be the claimant's first as well, and once only, under a wanted job that was valid when it was committed.
 */
export async function judgedRows(
  deps: OwnedRowsDeps,
  commit: JudgedCommit,
  committedAtUs: number,
): Promise<JudgedRow[]> {
  if (commit.judgement.status !== 'accepted') return [];
  const claim = { block: commit.block, event: commit.event, hotkey: commit.hotkey, registered: commit.registered };
  const judged: JudgedRow[] = [];
  const ids = new Set<string>();
  const paid = new Set<string>();
  for (const shard of commit.judgement.shards) {
    const path = deps.store.path(shard.sha256);
    if (path === null) throw new SeineError('ObjectMissing', `shard ${shard.sha256} is gone`, { remedy: 'retry' });
    const { rows, leaves } = await verifyShard(path, shard);
    const records = await standingOf(
      deps.owners.record,
      rows.map((row) => recordKey(row.id)),
      claim,
    );
    const contents = await contentsOf(deps.owners, rows, claim);
    rows.forEach((row, index) => {
      const refused = refusalOf(deps, row, committedAtUs);
      // All shards of a commitment make the same claim: of rows with the same id the first is its own.
      const [record, content] = [records[index], contents[index]];
      const ours = record?.owned === true && !ids.has(row.id);
      ids.add(row.id);
      let unpaid = refused;
      if (unpaid === null && !ours) unpaid = 'duplicate';
      const paying = payingJob(deps.wanted, row, committedAtUs);
      if (unpaid === null && paying.job === null) unpaid = paying.reason;
      if (unpaid === null && content != null && (!content.owned || paid.has(content.name))) unpaid = content.duplicate;
      const returnedFrom = [...(record?.returnedFrom ?? []), ...(content?.returnedFrom ?? [])];
      if (unpaid === null && !isReturnPaid(claim, returnedFrom, row.scraped_at)) unpaid = 'returned';
      if (unpaid === null && content != null) paid.add(content.name);
      judged.push({
        row,
        leaf: leaves[index] as Uint8Array,
        owned: refused === null && ours,
        unpaid,
        job: unpaid === null ? paying.job : null,
      });
    });
  }
  return judged;
}

/** What a row says, as far as it is paid for: its text, or its media where the text is too short to have a key. */
interface Content extends Standing {
  name: string;
  duplicate: 'duplicate_text' | 'duplicate_media';
}

async function contentsOf(owners: Owners, rows: readonly DataRecord[], claim: Claim): Promise<(Content | null)[]> {
  const texts = rows.map((row) => (row.text === null ? null : textKey(row.text)));
  const media = rows.map((row, index) => (texts[index] === null ? mediaKey(row.media) : null));
  const [ownTexts, ownMedia] = await Promise.all([
    standingOf(owners.text, texts, claim),
    standingOf(owners.media, media, claim),
  ]);
  return rows.map((_, index) => {
    const [text, medium] = [ownTexts[index], ownMedia[index]];
    const name = (texts[index] ?? media[index])?.toString('hex') ?? '';
    if (text != null) return { ...text, name, duplicate: 'duplicate_text' };
    return medium == null ? null : { ...medium, name, duplicate: 'duplicate_media' };
  });
}

/** What the claim is to each key; null where there is no key. */
async function standingOf(
  owners: KeyOwners,
  keys: readonly (Buffer | null)[],
  claim: Claim,
): Promise<(Standing | null)[]> {
  const standing = await owners.standing(
    keys.filter((key) => key !== null),
    claim,
  );
  let next = 0;
  return keys.map((key) => (key === null ? null : (standing[next++] ?? null)));
}
