import { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import { NoAnswer } from './no-answer.ts';

/** A request under way: its time begins with its first byte, for waiting for a connection is not the miner's time. */
export interface UnderWay {
  /** Ends it: its time is over, or the caller's own abort. */
  signal: AbortSignal;
  /** Its body, which tells when its first byte goes out. One that is sent again begins anew. */
  body: (bytes: Uint8Array) => Readable;
  /** Milliseconds that it waited for a connection; 0 before it was sent. */
  waitedMs: () => number;
  /** Whole milliseconds since its first byte, or since it was asked for where none went out. */
  elapsedMs: () => number;
  isSent: () => boolean;
  isLate: () => boolean;
  /** Lets go of its timer. */
  end: () => void;
}

/** @param timeoutMs for a connection to be free, and then for the whole answer */
export function underWay(timeoutMs: number, caller: AbortSignal | undefined): UnderWay {
  const late = new AbortController();
  const askedMs = performance.now();
  let sentMs: number | null = null;
  let timer = setTimeout(() => late.abort(), timeoutMs);

  function* pieces(bytes: Uint8Array): Generator<Uint8Array> {
    sentMs = performance.now();
    clearTimeout(timer);
    timer = setTimeout(() => late.abort(), timeoutMs);
    yield bytes;
  }
  return {
    signal: caller === undefined ? late.signal : AbortSignal.any([late.signal, caller]),
    body: (bytes) => Readable.from(pieces(bytes), { objectMode: false }),
    waitedMs: () => (sentMs ?? askedMs) - askedMs,
    elapsedMs: () => Math.round(performance.now() - (sentMs ?? askedMs)),
    isSent: () => sentMs !== null,
    isLate: () => late.signal.aborted,
    end: () => clearTimeout(timer),
  };
}

/**
 * Hands on a body piece by piece. Throws NoAnswer once it is larger than it may be, and what `read` throws.
 * @returns milliseconds at which the first piece came
 */
export async function readWithin(
  { headers, body }: Pick<Dispatcher.ResponseData, 'headers' | 'body'>,
  maxBytes: number,
  read: (bytes: Uint8Array) => void,
  elapsedMs: () => number,
): Promise<number> {
  if (Number(headers['content-length'] ?? 0) > maxBytes) {
    body.destroy();
    throw new NoAnswer('too_large');
  }
  let [sizeBytes, first] = [0, null as number | null];
  for await (const bytes of body as AsyncIterable<Buffer>) {
    first ??= elapsedMs();
    sizeBytes += bytes.length;
    if (sizeBytes > maxBytes) throw new NoAnswer('too_large');
    read(bytes);
  }
  return first ?? elapsedMs();
}
