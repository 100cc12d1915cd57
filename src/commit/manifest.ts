import { z } from 'zod';
import { canonicalJson, parseCanonicalJson } from '../core/canonical-json.ts';
import { messageOf, SeineError } from '../core/errors.ts';
import { sha256Hex } from '../core/hash/sha256.ts';
import { MAX_SHARDS, RECORD_SCHEMA } from '../core/manifest.ts';
import type { Digest, Manifest } from '../core/manifest.ts';

/** Which rule a manifest breaks. */
export type ManifestFault =
  | 'manifest_digest'
  | 'manifest_canonical'
  | 'manifest_format'
  | 'manifest_totals'
  | 'manifest_signer'
  | 'manifest_link'
  | 'manifest_chain';

/** A manifest that can't be what its digest, signer or predecessor promise; `details.reason` is a ManifestFault. */
export class ManifestInvalidError extends SeineError {
  constructor(reason: ManifestFault, message: string, details: Readonly<Record<string, unknown>> = {}) {
    super('ManifestInvalid', `${reason}: ${message}`, { details: { reason, ...details }, exitCode: 2 });
  }
}

/** Rows that one shard holds at most. */
const MAX_SHARD_ROWS = 1_000_000;
/** Bytes that one shard has at most. */
const MAX_SHARD_BYTES = 512_000_000;

const digest = z.string().regex(/^[0-9a-f]{64}$/, 'not 64 lower-case hex characters');
const name = z.string().min(1).max(64);
const names = z.array(name).max(64);
const time = z.int();

const shardSchema = z.strictObject({
  sha256: digest,
  bytes: z.int().min(1).max(MAX_SHARD_BYTES),
  rows: z.int().min(1).max(MAX_SHARD_ROWS),
  rows_root: digest,
  min_created_at: time.nullable(),
  max_created_at: time.nullable(),
});

const manifestSchema = z.strictObject({
  version: z.literal(1),
  netuid: z.int().min(0).max(65_535),
  hotkey: name,
  seq: z.int().min(0),
  previous: digest.nullable(),
  created_at: time.min(0),
  sources: names,
  jobs: names,
  shards: z.array(shardSchema).min(1).max(MAX_SHARDS),
  rows: z.int().min(1),
  rows_root: digest,
  schema: z.literal(RECORD_SCHEMA),
  tool: name,
});

/** The canonical JSON that is hashed and served. Throws ManifestInvalidError rather than write what readers would refuse. */
export function encodeManifest(manifest: Manifest): string {
  return canonicalJson(checked(manifest));
}

/** What names a manifest: SHA-256 of its canonical JSON. */
export function manifestDigest(manifest: Manifest): Digest {
  return sha256Hex(encodeManifest(manifest));
}

/**
 * Reads a manifest from bytes that nobody has checked yet. Throws ManifestInvalidError unless they have the digest, are canonical, keep
 * the format and its limits, add up, and name the hotkey and subnet that committed to them.
 */
export function parseManifest(
  bytes: Uint8Array,
  expected: { digest: Digest; netuid: number; hotkey: string },
): Manifest {
  const found = sha256Hex(bytes);
  if (found !== expected.digest) {
    throw new ManifestInvalidError('manifest_digest', `the bytes are ${found}, committed was ${expected.digest}`, {
      found,
    });
  }
  const manifest = checked(parseCanonical(bytes));
  if (manifest.netuid !== expected.netuid || manifest.hotkey !== expected.hotkey) {
    throw new ManifestInvalidError(
      'manifest_signer',
      `it says ${manifest.hotkey} on subnet ${manifest.netuid}, committed was by ${expected.hotkey} on subnet ${expected.netuid}`,
      { hotkey: manifest.hotkey, netuid: manifest.netuid },
    );
  }
  return manifest;
}

function parseCanonical(bytes: Uint8Array): unknown {
  try {
    return parseCanonicalJson(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch (error) {
    throw new ManifestInvalidError('manifest_canonical', messageOf(error));
  }
}

function checked(value: unknown): Manifest {
  const parsed = manifestSchema.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new ManifestInvalidError('manifest_format', `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'unknown'}`);
  }
  const manifest: Manifest = parsed.data;
  const fault = contradiction(manifest);
  if (fault !== null) throw new ManifestInvalidError('manifest_totals', fault);
  return manifest;
}

/** What in a well-formed manifest can't be true together; null when nothing. */
function contradiction({ seq, previous, shards, rows, rows_root }: Manifest): string | null {
  const sum = shards.reduce((total, shard) => total + shard.rows, 0);
  if (sum !== rows) return `the shards have ${sum} rows, the manifest says ${rows}`;
  if (new Set(shards.map((shard) => shard.sha256)).size !== shards.length) return 'a shard is listed twice';
  const [only] = shards;
  if (shards.length === 1 && only?.rows_root !== rows_root)
    return 'the root of the only shard is not the root of all rows';
  if ((seq === 0) !== (previous === null)) return `seq ${seq} with previous ${previous ?? 'null'}`;
  for (const { sha256, min_created_at: min, max_created_at: max } of shards) {
    if ((min === null) !== (max === null) || (min !== null && max !== null && min > max)) {
      return `shard ${sha256} has times from ${min} to ${max}`;
    }
  }
  return null;
}
