import type { Claim } from '../src/core/claim.ts';
import type { DataRecord } from '../src/core/record.ts';
import { SeineError } from '../src/core/errors.ts';
import type { JudgedCommit } from '../src/commit/judged-commits.ts';
import type { ObjectStore } from '../src/datasets/storage.ts';
import { verifyShard } from '../src/datasets/verify-shard.ts';
import { recordKey, textKey } from '../src/dedup/identities.ts';
import type { Owners, OwnerTable } from '../src/dedup/owners.ts';
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
}

/**
 * All rows of an accepted commitment, with their owners as the index knows them now. Owning the record includes a row in datasets; to be paid, its
 * text must be the claimant's first as well, and once only.
 */
export async function judgedRows(
  deps: OwnedRowsDeps,
  commit: JudgedCommit,
  committedAtUs: number,
): Promise<JudgedRow[]> {
  if (commit.judgement.status !== 'accepted') return [];
  const claim = { block: commit.block, event: commit.event, hotkey: commit.hotkey, registered: commit.registered };
  const judged: JudgedRow[] = [];
  const paidTexts = new Set<string>();
  for (const shard of commit.judgement.shards) {
    const path = deps.store.path(shard.sha256);
    if (path === null) throw new SeineError('ObjectMissing', `shard ${shard.sha256} is gone`, { remedy: 'retry' });
    const { rows, leaves } = await verifyShard(path, shard);
    const owned = await areOurs(
      deps.owners.record,
      rows.map((row) => recordKey(row.id)),
      claim,
    );
    const texts = rows.map((row) => (row.text === null ? null : textKey(row.text)));
    const ownText = await areOurs(deps.owners.text, texts, claim);
    rows.forEach((row, index) => {
      const text = texts[index]?.toString('hex');
      const refused = refusalOf(deps, row, committedAtUs);
      let unpaid = refused;
      if (unpaid === null && owned[index] !== true) unpaid = 'duplicate';
      if (unpaid === null && text !== undefined && (ownText[index] !== true || paidTexts.has(text))) {
        unpaid = 'duplicate_text';
      }
      if (unpaid === null && text !== undefined) paidTexts.add(text);
      judged.push({ row, leaf: leaves[index] as Uint8Array, owned: refused === null && owned[index] === true, unpaid });
    });
  }
  return judged;
}

async function areOurs(owners: OwnerTable, keys: readonly (Buffer | null)[], claim: Claim): Promise<boolean[]> {
  const ours = await owners.owns(
    keys.filter((key) => key !== null),
    claim,
  );
  let next = 0;
  return keys.map((key) => key !== null && ours[next++] === true);
}
