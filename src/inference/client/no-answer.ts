import { errors } from 'undici';
import type { Dispatcher } from 'undici';
import { InvalidInputError } from '../../core/errors.ts';
import { peerOrigin } from '../../net/peer-origin.ts';
import { retryAfterMs } from '../../net/retry-after.ts';
import type { AskOutcome } from './task-client.ts';

/** What a miner did instead of answering; `reason` is of AskOutcome, or `limited`. */
export class NoAnswer extends Error {
  readonly reason: string;
  readonly retryAfterMs: number | null;

  constructor(reason: string, retryMs: number | null = null) {
    super(reason);
    this.reason = reason;
    this.retryAfterMs = retryMs;
  }
}

/** What the asker itself could not do, such as sign: nobody answers for it but `cause`, which is thrown. */
export class OwnTrouble extends Error {}

/** Work of the asker's own. Throws OwnTrouble where it fails. */
export async function own<Value>(work: Promise<Value>): Promise<Value> {
  try {
    return await work;
  } catch (cause) {
    throw new OwnTrouble('own trouble', { cause });
  }
}

/** The 429 of a miner. */
export function limited(headers: Dispatcher.ResponseData['headers']): NoAnswer {
  return new NoAnswer('limited', retryAfterMs(headers['retry-after']));
}

/** The origin of a miner's base. Throws NoAnswer for an address that may not be asked: it is the miner's own choice. */
export function originOf(
  base: string,
  isAllowedAddress: (address: string) => boolean,
  schemes: readonly ('http' | 'https')[],
): string {
  try {
    return peerOrigin(base, isAllowedAddress, schemes);
  } catch (error) {
    throw error instanceof InvalidInputError ? new NoAnswer('address_refused') : error;
  }
}

/** What came of a request that ended in this error; throws what was the asker's own trouble. @param way how far it had come */
export function outcomeOfError(
  error: unknown,
  way: { isSent: boolean; isLate: boolean; elapsed_ms: number },
): Exclude<AskOutcome, { outcome: 'answered' }> {
  const { elapsed_ms } = way;
  if (error instanceof OwnTrouble) throw error.cause;
  if (error instanceof NoAnswer && error.reason === 'limited') {
    return { outcome: 'limited', retry_after_ms: error.retryAfterMs, elapsed_ms };
  }
  return { outcome: 'failed', reason: reasonOf(error, way), elapsed_ms };
}

/** One stable word for what went wrong. */
function reasonOf(error: unknown, { isSent, isLate }: { isSent: boolean; isLate: boolean }): string {
  if (error instanceof NoAnswer) return error.reason;
  // Before a byte was sent: nobody takes connections there.
  if (!isSent) return 'unreachable';
  if (isLate) return 'timed_out';
  const isMalformed = [InvalidInputError, errors.HTTPParserError, errors.HeadersOverflowError].some(
    (kind) => error instanceof kind,
  );
  return isMalformed ? 'malformed' : 'broke_off';
}
