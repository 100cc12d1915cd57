import type { Signer } from '../src/core/chain.ts';
import { SeineError } from '../src/core/errors.ts';
import { sha256Hex } from '../src/core/hash/sha256.ts';
import type { DataRecord } from '../src/core/record.ts';
import type { Chain } from '../src/commit/chain-port.ts';
import { decodeCommitment } from '../src/commit/commitment.ts';
import { parseManifest } from '../src/commit/manifest.ts';
import type { SealedManifest } from '../src/commit/outbox.ts';
import { sortRows } from '../src/datasets/row-order.ts';
import { verifyShard } from '../src/datasets/verify-shard.ts';
import { fetchObject } from '../src/net/object-client.ts';
import { peerBase } from '../src/net/peer-request.ts';
import { sealRows } from './seal.ts';
import type { SealDeps } from './seal.ts';

export interface CopyDeps extends Omit<SealDeps, 'frontier' | 'history' | 'storage'> {
  chain: Chain;
  signer: Signer;
  job: string;
  fetchDeadlineBlocks: number;
  isAllowedPeer: (address: string) => boolean;
}

export type CopyActivities = ReturnType<typeof createCopyActivities>;

const INVENTED = 20;
const ALTERED = 5;

export function createCopyActivities(deps: CopyDeps) {
  /** Commitments read so far, and rows had of them; a copier that is restarted begins again. */
  const found = new Map<string, { hotkey: string; block: number; rows: DataRecord[] | null }>();
  let readUpTo: number | null = null;
  let firstEpochEnd: number | null = null;
  let refusals = 0;

  return {
    /** Tries once to get whatever others have committed; with the first epoch's bytes in hand, seals them as its own. */
    async copyOthers(): Promise<{ manifest: SealedManifest | null; refusals: number }> {
      if ((await deps.outbox.head()) !== null) return { manifest: (await deps.outbox.waiting())[0] ?? null, refusals };
      const head = await deps.chain.finalized();
      const epoch = await deps.chain.epoch(deps.netuid);
      const start = readUpTo === null ? epoch.startBlock : readUpTo + 1;
      for (let block = start; block <= head.number; block += 1) {
        for (const commit of await deps.chain.commitsIn(deps.netuid, block)) {
          const named = decodeCommitment(commit.data);
          if (named.kind !== 'manifest' || commit.hotkey === deps.signer.address) continue;
          firstEpochEnd ??= epoch.nextStartBlock - 1;
          found.set(named.manifest, { hotkey: commit.hotkey, block, rows: null });
        }
      }
      readUpTo = head.number;
      for (const [digest, item] of found) {
        if (item.rows !== null) continue;
        item.rows = await tryToCopy(deps, digest, item.hotkey);
        if (item.rows === null) refusals += 1;
        deps.heartbeat({ refusals });
      }
      const rows = [...found.values()].flatMap((item) => item.rows ?? []);
      const open = firstEpochEnd !== null && head.number > firstEpochEnd + deps.fetchDeadlineBlocks;
      if (!open || rows.length === 0) return { manifest: null, refusals };
      // Once in its life: a try that was slow, and is done again, finds the first one's manifest.
      const copied = async (): Promise<string[]> => ((await deps.outbox.head()) === null ? [...found.keys()] : []);
      const seal = await deps.outbox.begin(deps.job, copied);
      if (seal !== null) {
        const manifest = await sealRows(deps, doctored(rows, deps.now()), [deps.job]);
        await deps.outbox.finish(seal, manifest, { rows: manifest.rows, duplicates: 0 });
      }
      return { manifest: (await deps.outbox.waiting())[0] ?? null, refusals };
    },
  };
}

async function tryToCopy(deps: CopyDeps, digest: string, hotkey: string): Promise<DataRecord[] | null> {
  const neuron = (await deps.chain.metagraph(deps.netuid)).find((item) => item.hotkey === hotkey);
  const axon = neuron?.axon;
  if (axon === undefined || axon === null) return null;
  const get = (object: string, maxBytes: number): Promise<Uint8Array> =>
    fetchObject({
      base: peerBase(axon),
      digest: object,
      maxBytes,
      receiver: hotkey,
      signer: deps.signer,
      timeoutMs: 30_000,
      minBytesPerSecond: 10_000,
      isAllowedAddress: deps.isAllowedPeer,
    });
  try {
    const manifest = parseManifest(await get(digest, 65_536), { digest, netuid: deps.netuid, hotkey });
    const rows: DataRecord[] = [];
    for (const shard of manifest.shards) {
      await deps.store.put(await get(shard.sha256, shard.bytes));
      const path = deps.store.path(shard.sha256);
      if (path !== null) rows.push(...(await verifyShard(path, shard)).rows);
    }
    return rows;
  } catch (error) {
    if (error instanceof SeineError) return null; // refused: its bytes are not public yet
    throw error;
  }
}

/** The copied rows with five altered and twenty invented among them. */
function doctored(copied: readonly DataRecord[], nowUs: number): DataRecord[] {
  const unique = sortRows([...new Map(copied.map((row) => [row.id, row])).values()]);
  const altered = unique.map((row, index) =>
    index < ALTERED ? { ...row, text: `${row.text ?? ''} It also says something that its author never wrote.` } : row,
  );
  const model = unique[0] as DataRecord;
  const invented = Array.from({ length: INVENTED }, (_, index) => {
    const url = new URL(`/docs/invented-${index}/README.md`, model.url).href;
    const text = `A page that nobody published, number ${index}. `.repeat(8).trim();
    const fetch = { ...model.fetch, url, body_sha256: sha256Hex(url) };
    return { ...model, id: `web:${url}`, url, title: `Invented ${index}`, text, media: [], fetch, scraped_at: nowUs };
  });
  return sortRows([...altered, ...invented]);
}
