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

/** A commitment in no form of ours, such as the dataset URLs of older subnets: shown, never verified. */
export interface LegacyCommitment {
  kind: 'legacy';
  text: string;
}

export type DecodedCommitment = ({ kind: 'manifest' } & Commitment) | LegacyCommitment;

/** Bytes that a commitment may have: 31 of them fit an epoch's budget of 3,100. */
export const MAX_COMMITMENT_BYTES = 100;

/**
 * `s1:<digest, base64url>:<seq, base 36>:<rows, base 36>:<locator>`, ASCII. Throws InvalidInputError where a value can't be written or the
 * whole is too long.
 */
export function encodeCommitment({ manifest, seq, rows, locator }: Commitment): string {
  if (!HEX64.test(manifest))
    throw new InvalidInputError(`manifest digest ${manifest} is not 64 hex characters`, { manifest });
  assertCount('seq', seq);
  assertCount('rows', rows);
  if (!LOCATOR.test(locator)) {
    throw new InvalidInputError(`locator ${locator} is not empty, s3:…, hf:… or https:… in printable ASCII`, {
      locator,
    });
  }
  const text = write({ manifest, seq, rows, locator });
  if (text.length > MAX_COMMITMENT_BYTES) {
    const over = text.length - MAX_COMMITMENT_BYTES;
    throw new InvalidInputError(
      `the commitment has ${text.length} bytes of at most ${MAX_COMMITMENT_BYTES}: shorten the locator ${locator} by ${over}`,
      { bytes: text.length, maxBytes: MAX_COMMITMENT_BYTES, locator },
    );
  }
  return text;
}

/** Reads a commitment. There is one spelling of each: anything that is not exactly ours is legacy. */
export function decodeCommitment(text: string): DecodedCommitment {
  const [, digest = '', seq = '', rows = '', locator = ''] = FORM.exec(text) ?? [];
  const commitment: Commitment = {
    manifest: Buffer.from(digest, 'base64url').toString('hex'),
    seq: Number.parseInt(seq, 36),
    rows: Number.parseInt(rows, 36),
    locator,
  };
  const ours =
    digest !== '' &&
    text.length <= MAX_COMMITMENT_BYTES &&
    Number.isSafeInteger(commitment.seq) &&
    Number.isSafeInteger(commitment.rows) &&
    write(commitment) === text;
  return ours ? { kind: 'manifest', ...commitment } : { kind: 'legacy', text };
}

function write({ manifest, seq, rows, locator }: Commitment): string {
  return `s1:${Buffer.from(manifest, 'hex').toString('base64url')}:${seq.toString(36)}:${rows.toString(36)}:${locator}`;
}

function assertCount(name: string, value: number): void {
  if (!Number.isSafeInteger(value) || value < 0)
    throw new InvalidInputError(`${name} ${value} is not a count`, { [name]: value });
}

const HEX64 = /^[0-9a-f]{64}$/;
const LOCATOR = /^(?:(?:s3|hf|https):[!-~]+)?$/;
const FORM = /^s1:([A-Za-z0-9_-]{43}):([0-9a-z]{1,11}):([0-9a-z]{1,11}):([!-~]*)$/;
