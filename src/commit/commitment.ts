import { InvalidInputError } from '../core/errors.ts';
import type { Digest } from '../core/manifest.ts';

/** What an on-chain commitment says (DESIGN.md, "On-chain commitment"). */
export interface Commitment {
  manifest: Digest;
  seq: number;
  rows: number;
  /** Where the objects lie: `s3:bucket/prefix`, `hf:user/repo`, `https:host/path`; empty: the miner's axon serves them. */
  locator: string;
}

/** The digest of a validator's secret of a challenge period, committed before the period begins (src/core/hash/prompt-secret.ts). */
export interface SecretCommitment {
  /** Counted from 1970 in periods of one length, which the period's proof names. */
  period: number;
  /** 64 hex characters. */
  digest: Digest;
}

/** A commitment in no form of ours, such as the dataset URLs of older subnets: shown, never verified. */
export interface LegacyCommitment {
  kind: 'legacy';
  text: string;
}

export type DecodedCommitment =
  ({ kind: 'manifest' } & Commitment) | ({ kind: 'secret' } & SecretCommitment) | LegacyCommitment;

/** Bytes that a commitment may have: 31 of them fit an epoch's budget of 3,100. */
export const MAX_COMMITMENT_BYTES = 100;

/**
 * `s1:<digest, base64url>:<seq, base 36>:<rows, base 36>:<locator>`, ASCII. Throws InvalidInputError where a value can't be written or the
 * whole is too long.
 */
export function encodeCommitment({ manifest, seq, rows, locator }: Commitment): string {
  assertDigest('manifest', manifest);
  assertCount('seq', seq);
  assertCount('rows', rows);
  if (!LOCATOR.test(locator)) {
    throw new InvalidInputError(`locator ${locator} is not empty, s3:…, hf:… or https:… in printable ASCII`, {
      locator,
    });
  }
  const text = writeManifest({ manifest, seq, rows, locator });
  if (text.length > MAX_COMMITMENT_BYTES) {
    const over = text.length - MAX_COMMITMENT_BYTES;
    throw new InvalidInputError(
      `the commitment has ${text.length} bytes of at most ${MAX_COMMITMENT_BYTES}: shorten the locator ${locator} by ${over}`,
      { bytes: text.length, maxBytes: MAX_COMMITMENT_BYTES, locator },
    );
  }
  return text;
}

/** `p1:<period>:<digest, base64url>`. Throws InvalidInputError where a value can't be written. */
export function encodeSecretCommitment({ period, digest }: SecretCommitment): string {
  assertDigest('digest', digest);
  assertCount('period', period);
  return writeSecret({ period, digest });
}

/** Reads a commitment. There is one spelling of each: anything that is not exactly ours is legacy. */
export function decodeCommitment(text: string): DecodedCommitment {
  return manifestIn(text) ?? secretIn(text) ?? { kind: 'legacy', text };
}

function manifestIn(text: string): DecodedCommitment | null {
  const [, digest = '', seq = '', rows = '', locator = ''] = MANIFEST_FORM.exec(text) ?? [];
  const commitment: Commitment = {
    manifest: hexOf(digest),
    seq: Number.parseInt(seq, 36),
    rows: Number.parseInt(rows, 36),
    locator,
  };
  const ours =
    digest !== '' &&
    text.length <= MAX_COMMITMENT_BYTES &&
    Number.isSafeInteger(commitment.seq) &&
    Number.isSafeInteger(commitment.rows) &&
    writeManifest(commitment) === text;
  return ours ? { kind: 'manifest', ...commitment } : null;
}

function secretIn(text: string): DecodedCommitment | null {
  const [, period = '', digest = ''] = SECRET_FORM.exec(text) ?? [];
  const commitment: SecretCommitment = { period: Number(period), digest: hexOf(digest) };
  const ours = digest !== '' && Number.isSafeInteger(commitment.period) && writeSecret(commitment) === text;
  return ours ? { kind: 'secret', ...commitment } : null;
}

function writeManifest({ manifest, seq, rows, locator }: Commitment): string {
  return `s1:${base64url(manifest)}:${seq.toString(36)}:${rows.toString(36)}:${locator}`;
}

function writeSecret({ period, digest }: SecretCommitment): string {
  return `p1:${period}:${base64url(digest)}`;
}

function base64url(hex: string): string {
  return Buffer.from(hex, 'hex').toString('base64url');
}

function hexOf(digest: string): Digest {
  return Buffer.from(digest, 'base64url').toString('hex');
}

function assertDigest(name: string, digest: string): void {
  if (!HEX64.test(digest))
    throw new InvalidInputError(`${name} ${digest} is not 64 hex characters`, { [name]: digest });
}

function assertCount(name: string, value: number): void {
  if (!Number.isSafeInteger(value) || value < 0)
    throw new InvalidInputError(`${name} ${value} is not a count`, { [name]: value });
}

const HEX64 = /^[0-9a-f]{64}$/;
const LOCATOR = /^(?:(?:s3|hf|https):[!-~]+)?$/;
const MANIFEST_FORM = /^s1:([A-Za-z0-9_-]{43}):([0-9a-z]{1,11}):([0-9a-z]{1,11}):([!-~]*)$/;
const SECRET_FORM = /^p1:(\d{1,16}):([A-Za-z0-9_-]{43})$/;
