import { canonicalJson, parseCanonicalJson } from '../../core/canonical-json.ts';
import type { Signer } from '../../core/chain.ts';
import { messageOf, SeineError } from '../../core/errors.ts';
import { sha256Hex } from '../../core/hash/sha256.ts';
import type { Digest } from '../../core/manifest.ts';
import type { Judgement, ManifestCommit } from '../judged-commits.ts';
import { isSignedBy, signJson } from '../signed-json.ts';
import type { Signed } from '../signed-json.ts';

/** What a validator found out, as far as owners depend on it. Times in microseconds since 1970. */
export type VerdictNote =
  | {
      kind: 'judged';
      commit: ManifestCommit;
      /** When the commitment's block was made. */
      committed_at: number;
      /** Digest of the list of wanted jobs that its rows were held against. */
      wanted: Digest;
      judgement: Judgement;
    }
  | {
      kind: 'withdrawn';
      /** Of the commitment whose claim does not hold. */
      place: { block: number; event: number; hotkey: string; registered: number };
      /** Ids of the rows that don't hold, with their archived evidence; null: all, as of a void commitment. */
      rows: { id: string; archived: Digest | null }[] | null;
      reason: string;
      at: number;
    };

interface Unsigned {
  version: 1;
  netuid: number;
  /** SS58 address of the validator whose log it is. */
  validator: string;
  /** From 0, by one. */
  seq: number;
  /** SHA-256 of the line before; null for the first. */
  previous: Digest | null;
  note: VerdictNote;
}

/** A line of the log. */
export type VerdictEntry = Signed<Unsigned>;

/** The log is not what its validator wrote: a line is missing, changed, or out of its place. */
export class VerdictLogBroken extends SeineError {
  constructor(seq: number, why: string) {
    super('VerdictLogBroken', `line ${seq} of the log of verdicts ${why}; restore the log from a copy that verifies`, {
      details: { seq, why },
    });
  }
}

/** The line of an entry: canonical JSON without a line end. */
export async function writeLine(unsigned: Unsigned, signer: Signer): Promise<string> {
  return canonicalJson(await signJson(unsigned, signer));
}

export function hashLine(line: string): Digest {
  return sha256Hex(line);
}

/**
 * The entries of lines that begin with the log's first, each checked: canonical, signed by the validator, following the one before.
 * @throws VerdictLogBroken
 */
export async function* verifiedEntries(
  lines: AsyncIterable<string> | Iterable<string>,
  expected: { netuid: number; validator: string },
): AsyncGenerator<VerdictEntry> {
  let seq = 0;
  let previous: Digest | null = null;
  for await (const line of lines) {
    const entry = parseLine(line, seq);
    if (entry.version !== 1) throw new VerdictLogBroken(seq, `has version ${String(entry.version)}`);
    if (entry.netuid !== expected.netuid || entry.validator !== expected.validator) {
      throw new VerdictLogBroken(seq, "is of another validator's or subnet's log");
    }
    if (entry.seq !== seq || entry.previous !== previous)
      throw new VerdictLogBroken(seq, 'does not follow the one before');
    if (!(await isSignedBy(entry, expected.validator))) throw new VerdictLogBroken(seq, 'is not as it was signed');
    yield entry;
    previous = hashLine(line);
    seq += 1;
  }
}

/** Of lines that their own validator signed nothing but the outline has to be looked at. */
function parseLine(line: string, seq: number): VerdictEntry {
  let value: unknown;
  try {
    value = parseCanonicalJson(line);
  } catch (error) {
    throw new VerdictLogBroken(seq, `can't be read (${messageOf(error)})`);
  }
  if (typeof value === 'object' && value !== null && 'note' in value && 'signature' in value)
    return value as VerdictEntry;
  throw new VerdictLogBroken(seq, 'is no entry');
}
