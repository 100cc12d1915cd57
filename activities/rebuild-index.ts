import { SeineError } from '../src/core/errors.ts';
import type { Digest, ShardEntry } from '../src/core/manifest.ts';
import type { DataRecord } from '../src/core/record.ts';
import type { WantedList } from '../src/core/wanted.ts';
import type { JudgedCommits } from '../src/commit/judged-commits.ts';
import type { VerdictEntry, VerdictNote } from '../src/commit/verdict-log/entry.ts';
import type { ObjectStore } from '../src/datasets/storage.ts';
import { verifyShard } from '../src/datasets/verify-shard.ts';
import type { Owners } from '../src/dedup/owners.ts';
import { claimRows, withdrawRows } from '../src/dedup/row-claims.ts';
import { mayBePaid, refusalOf } from './collect.ts';
import type { CollectDeps } from './collect.ts';

export interface RebuildDeps {
  /** Entries of the validator's log, checked, oldest first; read twice. */
  entries: () => AsyncIterable<VerdictEntry>;
  store: ObjectStore;
  owners: Owners;
  judged: Pick<JudgedCommits, 'judge'>;
  canonicalId: CollectDeps['canonicalId'];
  /** The manifest that the chain shows for a commitment; null where no node has that state any more. */
  onChain: (commit: JudgedNote['commit']) => Promise<Digest | null>;
  progress: (done: { commits: number; rows: number }) => void;
}

export interface Rebuilt {
  commits: number;
  rows: number;
  withdrawals: number;
  /** Commitments that the chain could no longer be asked about. */
  unconfirmed: number;
}

type JudgedNote = VerdictNote & { kind: 'judged' };
type WithdrawnNote = VerdictNote & { kind: 'withdrawn' };

/** The chain shows another commitment than the log says. */
class LogContradictsChain extends SeineError {
  constructor(commit: JudgedNote['commit'], found: Digest) {
    const { hotkey, block, manifest } = commit;
    super(
      'LogContradictsChain',
      `block ${block} shows manifest ${found} of ${hotkey}, the log of verdicts says ${manifest}: is this the log of another chain?`,
      { details: { hotkey, block, found, manifest } },
    );
  }
}

/** Bytes of accepted commitments are gone. */
class ShardsMissing extends SeineError {
  constructor(digest: Digest) {
    super(
      'ShardsMissing',
      `object ${digest} is not in the store; get it from another validator, which keeps it for 30 days`,
      {
        details: { digest },
      },
    );
  }
}

/**
 * Fills an index from nothing but chain, shards and the log of verdicts: the same owners as before, which `snapshotDigest` shows. What is in it
 * already stays and changes nothing.
 * @throws LogContradictsChain, ShardsMissing, and what reading the log or a shard throws
 */
export async function rebuildIndex(deps: RebuildDeps): Promise<Rebuilt> {
  const withdrawn = await withdrawnRows(deps);
  const lists = new Map<Digest, WantedList>();
  const result: Rebuilt = { commits: 0, rows: 0, withdrawals: withdrawn.count, unconfirmed: 0 };
  for await (const { note } of deps.entries()) {
    if (note.kind !== 'judged') continue;
    const found = await deps.onChain(note.commit);
    if (found === null) result.unconfirmed += 1;
    else if (found !== note.commit.manifest) throw new LogContradictsChain(note.commit, found);
    if (note.judgement.status === 'accepted') {
      const wanted = lists.get(note.wanted) ?? (await readWanted(deps, note.wanted));
      lists.set(note.wanted, wanted);
      const reclaim = { ...deps, wanted, withdrawn: withdrawn.byPlace.get(placeOf(note.commit)) ?? [] };
      for (const shard of note.judgement.shards) result.rows += await claimShard(reclaim, note, shard);
    }
    await deps.judged.judge(note.commit, note.judgement);
    result.commits += 1;
    deps.progress(result);
  }
  return result;
}

/** Withdraws whole claims at once; those to single rows wait for the rows, whose keys they need. */
async function withdrawnRows(deps: RebuildDeps): Promise<{ count: number; byPlace: Map<string, WithdrawnNote[]> }> {
  const byPlace = new Map<string, WithdrawnNote[]>();
  let count = 0;
  for await (const { note } of deps.entries()) {
    if (note.kind !== 'withdrawn') continue;
    count += 1;
    if (note.rows === null) await deps.owners.withdrawClaim(note.place, note.at);
    else byPlace.set(placeOf(note.place), [...(byPlace.get(placeOf(note.place)) ?? []), note]);
  }
  return { count, byPlace };
}

async function claimShard(
  deps: RebuildDeps & { wanted: WantedList; withdrawn: readonly WithdrawnNote[] },
  { commit, committed_at }: JudgedNote,
  shard: ShardEntry,
): Promise<number> {
  const path = deps.store.path(shard.sha256);
  if (path === null) throw new ShardsMissing(shard.sha256);
  const { rows } = await verifyShard(path, shard);
  const valid = rows.filter((row) => refusalOf(deps, row, committed_at) === null);
  const { block, event, hotkey, registered } = commit;
  const claim = { block, event, hotkey, registered };
  const mayPay = mayBePaid(deps.wanted, committed_at);
  await claimRows(deps.owners, valid, claim, mayPay);
  for (const note of deps.withdrawn) {
    const ids = new Set(note.rows?.map(({ id }) => id));
    const named = valid.filter((row: DataRecord) => ids.has(row.id));
    await withdrawRows(deps.owners, named, claim, note.at, mayPay);
  }
  return valid.length;
}

async function readWanted(deps: RebuildDeps, digest: Digest): Promise<WantedList> {
  if (!(await deps.store.has(digest))) throw new ShardsMissing(digest);
  const bytes = await deps.store.get(digest);
  return JSON.parse(new TextDecoder().decode(bytes)) as WantedList;
}

function placeOf({ block, event }: { block: number; event: number }): string {
  return `${block}-${event}`;
}
