import { messageOf, SeineError } from '../src/core/errors.ts';
import { itemsInSlices } from '../src/core/in-slices.ts';
import type { Digest, Manifest } from '../src/core/manifest.ts';
import type { DataRecord } from '../src/core/record.ts';
import { payingJob } from '../src/core/wanted.ts';
import type { WantedList } from '../src/core/wanted.ts';
import type { Chain } from '../src/commit/chain-port.ts';
import type { CommitIndex } from '../src/commit/indexer/commit-index.ts';
import type { IndexedCommit } from '../src/commit/indexer/indexed-commit.ts';
import { previousAnchor } from '../src/commit/indexer/previous-anchor.ts';
import { recoverOverwritten } from '../src/commit/indexer/recover.ts';
import type { JudgedCommits, Judgement, ManifestCommit } from '../src/commit/judged-commits.ts';
import { parseManifest } from '../src/commit/manifest.ts';
import type { Mirror } from '../src/commit/mirror.ts';
import { anchoredManifests } from '../src/commit/previous-manifests.ts';
import type { ObjectStore } from '../src/datasets/storage.ts';
import { verifyShard } from '../src/datasets/verify-shard.ts';
import type { Owners } from '../src/dedup/owners.ts';
import { claimRows } from '../src/dedup/row-claims.ts';
import { alive } from './alive.ts';
import type { GetObject } from './object-sources.ts';

export interface CollectDeps {
  chain: Chain;
  netuid: number;
  store: ObjectStore;
  /** Gets an object of a miner into the store, from wherever it may be had. */
  getObject: GetObject;
  mirror: Pick<Mirror, 'keep' | 'expire'>;
  judged: JudgedCommits;
  index: CommitIndex;
  owners: Owners;
  wanted: WantedList;
  /** Blocks after a commitment within which its bytes must be had. */
  fetchDeadlineBlocks: number;
  /** Manifests that may hang unanchored before a committed one. */
  maxUnanchored: number;
  /** Rows that a hotkey may commit in one manifest. */
  allowanceRows: number;
  /** Bytes of its shards. */
  allowanceBytes: number;
  /** The id that a row of this URL must have; null when the source has none for it. */
  canonicalId: (row: DataRecord) => string | null;
  heartbeat: (progress: unknown) => void;
}

export type FetchOutcome =
  /** All manifests that the commitment anchors, oldest first, and their shards are in the store. */
  | { status: 'fetched'; manifests: Digest[] }
  /** It may do better until the deadline: to be tried again. */
  | { status: 'waiting'; reason: string }
  | { status: 'rejected' | 'void'; reason: string };

export type ClaimOutcome = Judgement | { status: 'waiting'; reason: string };

export type CollectActivities = ReturnType<typeof createCollectActivities>;

const MANIFEST_BYTES = 64 * 1024;
const DEADLINE_CHECK_MS = 5_000;
/** Beyond, a commitment is seconds of work. No hotkey is called so. */
const LARGE_ROWS = 5_000;
const LARGE = 'large';
const ROWS_AT_ONCE = 1_000;
/** What no later try can change: a manifest once had stays as it is, and so does a locator. */
const LASTING = ['ManifestInvalid', 'LocatorUnknown'];

export function createCollectActivities(deps: CollectDeps) {
  const fetching = new Set<string>();
  const claiming = new Set<string>();
  return {
    /**
     * Tries to get the manifests that a commitment anchors and their shards by digest from where its locator says. What could not be had by the
     * deadline is void; what can't be what was committed is rejected. Of each hotkey one commitment is fetched at a time, so that slow servers
     * take no other miner's turn.
     */
    async fetchCommit(input: { commit: ManifestCommit }): Promise<FetchOutcome> {
      const { commit } = input;
      if (fetching.has(commit.hotkey)) return { status: 'waiting', reason: 'one_at_a_time' };
      fetching.add(commit.hotkey);
      const isOver = async (): Promise<boolean> =>
        (await deps.chain.finalized()).number > commit.block + deps.fetchDeadlineBlocks;
      const over = new AbortController();
      // A try that was begun in time is not let go on for ever.
      const watch = setInterval(() => {
        isOver().then(
          (isIt) => isIt && over.abort(tooSlow(commit)),
          () => undefined,
        );
      }, DEADLINE_CHECK_MS);
      try {
        return await fetchOnce(deps, commit, over.signal);
      } catch (error) {
        // A peer that sends or says the wrong thing may do better until the deadline.
        if (!(error instanceof SeineError)) throw error;
        const reason = reasonOf(error);
        if (LASTING.includes(error.name)) return { status: 'rejected', reason };
        return { status: (await isOver()) ? 'void' : 'waiting', reason };
      } finally {
        clearInterval(watch);
        fetching.delete(commit.hotkey);
      }
    },

    /**
     * Checks fetched bytes row by row, and claims their keys for the commitment. Of each hotkey one commitment is at work at a time, and of all large
     * ones a single one, so that the others find a place.
     */
    async claimCommit(input: { commit: ManifestCommit; manifests: Digest[] }): Promise<ClaimOutcome> {
      const { commit, manifests } = input;
      const isLarge = commit.rows * manifests.length > LARGE_ROWS;
      const lanes = isLarge ? [commit.hotkey, LARGE] : [commit.hotkey];
      if (lanes.some((lane) => claiming.has(lane))) return { status: 'waiting', reason: 'one_at_a_time' };
      for (const lane of lanes) claiming.add(lane);
      try {
        const judgement = await alive(
          () => deps.heartbeat({ claiming: commit.manifest }),
          () => judge(deps, commit, manifests),
        );
        if (judgement.status === 'accepted') {
          // Also those before the committed one, which the judgement does not name.
          await deps.mirror.keep(manifests, commit.block);
          await deps.mirror.expire((await deps.chain.finalized()).number);
        }
        await deps.judged.judge(commit, judgement);
        return judgement;
      } finally {
        for (const lane of lanes) claiming.delete(lane);
      }
    },

    /** Notes what became of a commitment that can't be claimed. */
    async refuseCommit(input: { commit: ManifestCommit; status: 'rejected' | 'void'; reason: string }): Promise<void> {
      await deps.judged.judge(input.commit, { status: input.status, reason: input.reason });
    },

    /** Looks for manifests whose commitments were overwritten before anyone read them. */
    async recoverOverwritten(): Promise<{ recovered: number }> {
      const get = (digest: Digest, { hotkey, locator }: Pick<IndexedCommit, 'hotkey' | 'locator'>): Promise<Manifest> =>
        getManifest(deps, { hotkey, locator: locator ?? '' }, digest);
      return { recovered: await recoverOverwritten({ index: deps.index, get }) };
    },
  };
}

async function fetchOnce(deps: CollectDeps, commit: ManifestCommit, signal: AbortSignal): Promise<FetchOutcome> {
  const { hotkey, locator } = commit;
  const get = (digest: Digest): Promise<Manifest> => getManifest(deps, commit, digest, signal);
  const manifest = await get(commit.manifest);
  if (manifest.rows !== commit.rows) return { status: 'rejected', reason: 'row_count' };
  if (manifest.seq !== commit.seq) return { status: 'rejected', reason: 'manifest_link' };
  const anchor = await previousAnchor(deps, commit);
  const committed = { digest: commit.manifest, manifest };
  const anchored = await anchoredManifests(get, committed, anchor, deps.maxUnanchored);
  if (anchored.some((item) => isBeyondAllowance(deps, item.manifest)))
    return { status: 'rejected', reason: 'allowance' };
  for (const item of anchored) {
    for (const { sha256: digest, bytes: maxBytes } of item.manifest.shards) {
      await deps.getObject({ hotkey, locator, digest, maxBytes, signal });
    }
  }
  return { status: 'fetched', manifests: anchored.map(({ digest }) => digest) };
}

/** Why a try is ended that was begun in time. */
function tooSlow({ hotkey, manifest }: ManifestCommit): SeineError {
  return new SeineError(
    'FetchOverdue',
    `the bytes of manifest ${manifest} of ${hotkey} did not come by their deadline`,
    {
      details: { reason: 'too_slow', hotkey, manifest },
    },
  );
}

function isBeyondAllowance(deps: CollectDeps, { rows, shards }: Manifest): boolean {
  return rows > deps.allowanceRows || shards.reduce((sum, { bytes }) => sum + bytes, 0) > deps.allowanceBytes;
}

async function getManifest(
  deps: CollectDeps,
  { hotkey, locator }: Pick<ManifestCommit, 'hotkey' | 'locator'>,
  digest: Digest,
  signal?: AbortSignal,
): Promise<Manifest> {
  await deps.getObject({ hotkey, locator, digest, maxBytes: MANIFEST_BYTES, signal });
  return readManifest(deps, { hotkey, manifest: digest }, await deps.store.get(digest));
}

function readManifest(
  deps: Pick<CollectDeps, 'netuid'>,
  { hotkey, manifest }: Pick<ManifestCommit, 'hotkey' | 'manifest'>,
  bytes: Uint8Array,
): Manifest {
  return parseManifest(bytes, { digest: manifest, netuid: deps.netuid, hotkey });
}

async function judge(deps: CollectDeps, commit: ManifestCommit, digests: readonly Digest[]): Promise<Judgement> {
  const { block, event, hotkey, registered } = commit;
  try {
    const manifests: Manifest[] = [];
    for (const manifest of digests) {
      manifests.push(readManifest(deps, { hotkey, manifest }, await deps.store.get(manifest)));
    }
    // A shard that several of them list counts once.
    const shards = [
      ...new Map(manifests.flatMap((item) => item.shards).map((shard) => [shard.sha256, shard])).values(),
    ];
    const committedAtUs = await deps.chain.timestamp(commit.blockHash);
    const rejected: Record<string, number> = {};
    const claimed: DataRecord[] = [];
    for (const shard of shards) {
      const path = deps.store.path(shard.sha256);
      if (path === null) throw new SeineError('ObjectMissing', `shard ${shard.sha256} is gone`, { remedy: 'retry' });
      for await (const row of itemsInSlices((await verifyShard(path, shard)).rows, ROWS_AT_ONCE)) {
        const reason = refusalOf(deps, row, committedAtUs);
        if (reason === null) claimed.push(row);
        else rejected[reason] = (rejected[reason] ?? 0) + 1;
      }
    }
    const claim = { block, event, hotkey, registered };
    await claimRows(deps.owners, claimed, claim, mayBePaid(deps.wanted, committedAtUs));
    const sources = [...new Set(manifests.flatMap((item) => item.sources))].sort();
    await deps.index.describe(commit, { sources, carries: digests.slice(0, -1) });
    return { status: 'accepted', shards, rejected };
  } catch (error) {
    if (error instanceof SeineError && error.remedy !== 'never') throw error;
    if (!(error instanceof SeineError)) throw error;
    return { status: 'rejected', reason: reasonOf(error) };
  }
}

/** Whether a row of a commitment falls under a job that was valid then: a row that does not is owned, and paid nothing. */
export function mayBePaid(wanted: WantedList, committedAtUs: number): (row: DataRecord) => boolean {
  return (row) => payingJob(wanted, row, committedAtUs).job !== null;
}

/** Why a row is no valid row by rules that need no fetch; null when it is one. */
export function refusalOf(
  deps: Pick<CollectDeps, 'canonicalId'>,
  row: DataRecord,
  committedAtUs: number,
): string | null {
  if (deps.canonicalId(row) !== row.id) return 'id_not_canonical';
  if (row.scraped_at > committedAtUs) return 'scraped_after_commit';
  if (row.created_at !== null && row.created_at > committedAtUs) return 'created_after_commit';
  return null;
}

/** A word for tables and evidence: the reason that the error itself gives, or its name. */
function reasonOf(error: unknown): string {
  if (!(error instanceof SeineError)) return messageOf(error);
  const { reason } = error.details;
  return typeof reason === 'string' ? reason : error.name;
}
