import type { Signer } from '../src/core/chain.ts';
import { InvalidInputError, messageOf, SeineError } from '../src/core/errors.ts';
import type { Digest, Manifest } from '../src/core/manifest.ts';
import type { DataRecord } from '../src/core/record.ts';
import { jobOf } from '../src/core/wanted.ts';
import type { WantedList } from '../src/core/wanted.ts';
import type { Chain } from '../src/commit/chain-port.ts';
import type { JudgedCommits, Judgement, ManifestCommit } from '../src/commit/judged-commits.ts';
import { parseManifest } from '../src/commit/manifest.ts';
import type { ObjectStore } from '../src/datasets/storage.ts';
import { verifyShard } from '../src/datasets/verify-shard.ts';
import { recordKey, textKey } from '../src/dedup/identities.ts';
import type { Owners } from '../src/dedup/owners.ts';
import { fetchObject } from '../src/net/object-client.ts';

export interface CollectDeps {
  chain: Chain;
  signer: Signer;
  netuid: number;
  store: ObjectStore;
  judged: JudgedCommits;
  owners: Owners;
  wanted: WantedList;
  /** Blocks after a commitment within which its bytes must be had. */
  fetchDeadlineBlocks: number;
  /** Rows that a hotkey may commit in one manifest. */
  allowanceRows: number;
  /** Whether a peer at this IP address may be called; loopback only on development networks. */
  isAllowedPeer: (address: string) => boolean;
  /** The id that a row of this URL must have; null when the source has none for it. */
  canonicalId: (row: DataRecord) => string | null;
  heartbeat: (progress: unknown) => void;
}

export type FetchOutcome = { status: 'fetched' } | { status: 'rejected' | 'void'; reason: string };

export type CollectActivities = ReturnType<typeof createCollectActivities>;

const MANIFEST_BYTES = 64 * 1024;
const SLOWEST_BYTES_PER_SECOND = 50_000;

export function createCollectActivities(deps: CollectDeps) {
  return {
    /**
     * Gets a commitment's manifest and shards by digest from the miner's axon, trying until the deadline. What could not be had by then is
     * void; what can't be what was committed is rejected.
     */
    async fetchCommit(input: { commit: ManifestCommit }): Promise<FetchOutcome> {
      const { commit } = input;
      const deadline = commit.block + deps.fetchDeadlineBlocks;
      for (;;) {
        let trouble: string;
        try {
          return await fetchOnce(deps, commit);
        } catch (error) {
          // A peer that sends or says the wrong thing may do better until the deadline; a manifest once had can't change.
          if (!(error instanceof SeineError)) throw error;
          if (error.name === 'ManifestInvalid') return { status: 'rejected', reason: reasonOf(error) };
          trouble = reasonOf(error);
        }
        if ((await deps.chain.finalized()).number > deadline) return { status: 'void', reason: trouble };
        deps.heartbeat({ trouble });
        await new Promise((resolve) => setTimeout(resolve, 1000));
      }
    },

    /** Checks fetched bytes row by row, and claims their keys for the commitment. */
    async claimCommit(input: { commit: ManifestCommit }): Promise<Judgement> {
      const judgement = await judge(deps, input.commit);
      await deps.judged.judge(input.commit, judgement);
      return judgement;
    },

    /** Notes what became of a commitment that can't be claimed. */
    async refuseCommit(input: { commit: ManifestCommit; status: 'rejected' | 'void'; reason: string }): Promise<void> {
      await deps.judged.seen(input.commit);
      await deps.judged.judge(input.commit, { status: input.status, reason: input.reason });
    },
  };
}

async function fetchOnce(deps: CollectDeps, commit: ManifestCommit): Promise<FetchOutcome> {
  if (commit.locator !== '') return { status: 'rejected', reason: 'locator_not_supported' };
  if (commit.rows > deps.allowanceRows) return { status: 'rejected', reason: 'allowance' };
  const neuron = (await deps.chain.metagraph(deps.netuid)).find((item) => item.hotkey === commit.hotkey);
  const axon = neuron?.axon ?? null;
  if (axon === null) throw new SeineError('NoAxon', `${commit.hotkey} serves no axon`, { remedy: 'retry' });
  const get = async (digest: Digest, maxBytes: number): Promise<Uint8Array> => {
    if (await deps.store.has(digest)) return await deps.store.get(digest);
    deps.heartbeat({ fetching: digest });
    const bytes = await fetchObject({
      base: `http://${axon.ip}:${axon.port}`,
      digest,
      maxBytes,
      receiver: commit.hotkey,
      signer: deps.signer,
      timeoutMs: 10_000 + Math.ceil((maxBytes / SLOWEST_BYTES_PER_SECOND) * 1000),
      minBytesPerSecond: SLOWEST_BYTES_PER_SECOND,
      isAllowedAddress: deps.isAllowedPeer,
    });
    await deps.store.put(bytes);
    return bytes;
  };
  const manifest = readManifest(deps, commit, await get(commit.manifest, MANIFEST_BYTES));
  if (manifest.rows !== commit.rows) return { status: 'rejected', reason: 'row_count' };
  for (const shard of manifest.shards) await get(shard.sha256, shard.bytes);
  return { status: 'fetched' };
}

function readManifest(deps: CollectDeps, commit: ManifestCommit, bytes: Uint8Array): Manifest {
  return parseManifest(bytes, { digest: commit.manifest, netuid: deps.netuid, hotkey: commit.hotkey });
}

async function judge(deps: CollectDeps, commit: ManifestCommit): Promise<Judgement> {
  const before = await deps.judged.seen(commit);
  try {
    const manifest = readManifest(deps, commit, await deps.store.get(commit.manifest));
    assertLink(before, commit, manifest);
    const committedAtUs = await deps.chain.timestamp(commit.blockHash);
    const rejected: Record<string, number> = {};
    const claimed: DataRecord[] = [];
    for (const shard of manifest.shards) {
      const path = deps.store.path(shard.sha256);
      if (path === null) throw new SeineError('ObjectMissing', `shard ${shard.sha256} is gone`, { remedy: 'retry' });
      for (const row of (await verifyShard(path, shard)).rows) {
        const reason = refusalOf(deps, row, committedAtUs);
        if (reason === null) claimed.push(row);
        else rejected[reason] = (rejected[reason] ?? 0) + 1;
      }
      deps.heartbeat({ shard: shard.sha256, rows: claimed.length });
    }
    const claim = { block: commit.block, event: commit.event, hotkey: commit.hotkey, registered: commit.registered };
    await deps.owners.record.claim(
      claimed.map((row) => recordKey(row.id)),
      claim,
    );
    const texts = claimed.map((row) => (row.text === null ? null : textKey(row.text)));
    await deps.owners.text.claim(
      texts.filter((key) => key !== null),
      claim,
    );
    return { status: 'accepted', shards: manifest.shards, rejected };
  } catch (error) {
    if (error instanceof SeineError && error.remedy !== 'never') throw error;
    if (!(error instanceof SeineError)) throw error;
    return { status: 'rejected', reason: reasonOf(error) };
  }
}

/** Why a row is no valid row by rules that need no fetch; null when it is one. */
export function refusalOf(
  deps: Pick<CollectDeps, 'wanted' | 'canonicalId'>,
  row: DataRecord,
  committedAtUs: number,
): string | null {
  if (jobOf(deps.wanted, row) === null) return 'not_wanted';
  if (deps.canonicalId(row) !== row.id) return 'id_not_canonical';
  if (row.scraped_at > committedAtUs) return 'scraped_after_commit';
  if (row.created_at !== null && row.created_at > committedAtUs) return 'created_after_commit';
  return null;
}

/** `seq` and `previous` must follow the commitment that the chain shows before this one. */
function assertLink(before: ManifestCommit | null, commit: ManifestCommit, manifest: Manifest): void {
  if (manifest.seq !== commit.seq)
    throw new InvalidInputError('seq is not the committed one', { reason: 'manifest_link' });
  if (before === null) return; // what came before this validator read the chain is not known to it
  if (manifest.previous !== before.manifest || manifest.seq !== before.seq + 1) {
    throw new InvalidInputError(`does not follow manifest ${before.seq}`, { reason: 'manifest_link' });
  }
}

/** A word for tables and evidence: the reason that the error itself gives, or its name. */
function reasonOf(error: unknown): string {
  if (!(error instanceof SeineError)) return messageOf(error);
  const { reason } = error.details;
  return typeof reason === 'string' ? reason : error.name;
}
