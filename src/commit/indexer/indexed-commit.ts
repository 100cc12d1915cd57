import type { Digest, Manifest } from '../../core/manifest.ts';
import type { HeldCommit, Neuron, StandingCommit } from '../chain-port.ts';
import { decodeCommitment } from '../commitment.ts';

/**
 * What a commitment is: a manifest, the digest of a validator's secret of a challenge period, text of another tool (a dataset URL of an older subnet: shown, never verified), text that is encrypted until
 * a round of the chain's beacon, or no text at all.
 */
export type CommitKind = 'manifest' | 'secret' | 'legacy' | 'timelocked' | 'unreadable';

/** A commitment as the index keeps it: one for each hotkey, registration and block. */
export interface IndexedCommit {
  netuid: number;
  /** SS58 address. */
  hotkey: string;
  /** Block of the hotkey's registration. */
  registered: number;
  uid: number;
  /** Block from which it counts. */
  block: number;
  blockHash: string;
  /** Index of its event in the block; null where the block's events could no longer be read, only that it was made there. */
  event: number | null;
  /** Block that anchored it. Null: known by the `previous` of a later manifest only, whose block it then counts from. */
  anchoredAt: number | null;
  /** Microseconds since 1970 at its block; null where that could no longer be read. */
  time: number | null;
  kind: CommitKind;
  /** Of the manifest; null for other kinds, as are the next three. */
  digest: Digest | null;
  seq: number | null;
  rows: number | null;
  locator: string | null;
  /** The text as committed; what is unreadable or time-locked may have none. */
  data: string;
  /** Beacon round of a time-locked commitment. */
  round: number | null;
  /** What a time-locked commitment said, once the chain has revealed it. */
  revealed: string | null;
  /** Sources of its rows, and the manifests that it anchors besides its own; empty until its bytes were checked. */
  sources: string[];
  carries: Digest[];
}

/** A commitment that was read in its block. */
export function fromBlock(commit: StandingCommit, time: number): IndexedCommit {
  const { netuid, hotkey, registered, uid, block, blockHash, event } = commit;
  const place = { netuid, hotkey, registered, uid, block, blockHash, event, anchoredAt: block, time };
  return { ...place, ...contentOf(commit), revealed: null, sources: [], carries: [] };
}

/** A commitment that a hotkey holds still, made in a block that can't be read any more. */
export function fromStorage(netuid: number, neuron: Neuron, held: HeldCommit, blockHash: string): IndexedCommit {
  const { hotkey, registered, uid } = neuron;
  const { block } = held;
  const place = { netuid, hotkey, registered, uid, block, blockHash, event: null, anchoredAt: block, time: null };
  return { ...place, ...contentOf(held), revealed: null, sources: [], carries: [] };
}

/** A manifest whose own commitment was overwritten before anyone looked, found by following `previous` from a later one. */
export function fromPrevious(later: IndexedCommit, digest: Digest, manifest: Manifest): IndexedCommit {
  const content = { kind: 'manifest', digest, seq: manifest.seq, rows: manifest.rows, locator: '', data: '' } as const;
  return {
    ...later,
    ...content,
    anchoredAt: null,
    round: null,
    revealed: null,
    sources: manifest.sources,
    carries: [],
  };
}

type Content = Pick<IndexedCommit, 'kind' | 'digest' | 'seq' | 'rows' | 'locator' | 'data' | 'round'>;

function contentOf({ kind, round, data }: HeldCommit | StandingCommit): Content {
  const none = { digest: null, seq: null, rows: null, locator: null, data };
  if (kind === 'timelocked') return { kind, ...none, round };
  // What is no UTF-8 has come out as U+FFFD; digests and flags have no text.
  if (data === '' || data.includes('\ufffd')) return { kind: 'unreadable', ...none, round };
  const decoded = decodeCommitment(data);
  if (decoded.kind !== 'manifest') return { kind: decoded.kind, ...none, round };
  const { manifest: digest, seq, rows, locator } = decoded;
  return { kind: 'manifest', digest, seq, rows, locator, data, round };
}

/** Names the document. */
export function idOf({ hotkey, registered, block, anchoredAt, digest }: IndexedCommit): string {
  const place = `${hotkey}:${registered}:${block}`;
  return anchoredAt === null ? `${place}:${digest}` : place;
}

const EVENTS_IN_BLOCK = 200_000;
/** Where an event is not known, one after all that are. */
const UNKNOWN_EVENTS = 100_000;
/** Manifests that count from one commitment without being its own. */
const SIBLINGS = 300;

/** The first place of a block. */
export function placeOfBlock(block: number): number {
  return block * EVENTS_IN_BLOCK * SIBLINGS;
}

/**
 * A document's place in the order of (block, event), a safe integer up to block 150,000,000, that no other of the subnet has: pages go on after the
 * place of the last one.
 */
export function placeOf({ block, event, uid, anchoredAt, seq }: IndexedCommit): number {
  const slot = event ?? UNKNOWN_EVENTS + uid;
  const sibling = anchoredAt === null ? 1 + ((seq ?? 0) % (SIBLINGS - 1)) : 0;
  return placeOfBlock(block) + slot * SIBLINGS + sibling;
}
