/** A digest: SHA-256 as 64 lower-case hex characters. */
export type Digest = string;

export interface ShardEntry {
  sha256: Digest;
  bytes: number;
  rows: number;
  /** Root of the RFC 6962 tree over the shard's canonical rows. */
  rows_root: Digest;
  /** Microseconds; null when no row states a time. */
  min_created_at: number | null;
  max_created_at: number | null;
}

/** What a miner commits to (DESIGN.md, "Manifest"): named by the SHA-256 of its canonical JSON. */
export interface Manifest {
  version: 1;
  netuid: number;
  /** SS58 address of the signer. */
  hotkey: string;
  /** Goes up by one with each manifest of a hotkey; the first is 0. */
  seq: number;
  /** Digest of the manifest before, null for the first. */
  previous: Digest | null;
  created_at: number;
  sources: string[];
  /** Ids of the wanted jobs that the rows were scraped for. */
  jobs: string[];
  /** At most 64, in the order of the row tree. */
  shards: ShardEntry[];
  rows: number;
  /** Root over all canonical rows, shards in manifest order. */
  rows_root: Digest;
  /** Name of the row schema, `seine-record-1`. */
  schema: string;
  /** Name and version of what made it, `seine-0.1.0`. */
  tool: string;
}

export const MAX_SHARDS = 64;

/** Manifests that one commitment anchors at most, whatever a subnet's settings say: what datasets keep and proofs carry is bounded by it. */
export const MOST_ANCHORED = 16;
export const RECORD_SCHEMA = 'seine-record-1';
