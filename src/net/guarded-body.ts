import { promisify } from 'node:util';
import {
  brotliDecompress,
  brotliDecompressSync,
  gunzip,
  gunzipSync,
  inflate,
  inflateRaw,
  inflateRawSync,
  inflateSync,
} from 'node:zlib';
import { BodyTooLargeError, CompressionBombError } from './fetch-errors.ts';

/** What `decodeBody` understands, as an `accept-encoding` header. */
export const ACCEPT_ENCODING = 'gzip, deflate, br';

/** What a body may unfold to, to one byte sent; pages that repeat themselves reach some 50. */
export const MAX_RATIO = 200;
/** A body that unfolds to no more than this is small whatever its ratio. */
export const RATIO_FREE_BYTES = 1_000_000;

/**
 * Gathers the chunks of a body in one piece of memory that grows by doubling. Chunks kept as they come would each cost an
 * object, and a server that sends single bytes would take a hundred times the memory of its body.
 */
export class BodyBuffer {
  #bytes: Buffer = EMPTY;
  #sizeBytes = 0;

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** @param expectedBytes what is known to follow in all; takes its memory at once up to 1 MB, since it may be a lie */
  push(chunk: Uint8Array, expectedBytes = 0): void {
    const neededBytes = this.#sizeBytes + chunk.byteLength;
    if (neededBytes > this.#bytes.length) {
      const expected = Math.min(expectedBytes, MAX_EXPECTED_BYTES);
      const grown = Buffer.allocUnsafe(Math.max(neededBytes, expected, 2 * this.#bytes.length, MIN_BUFFER_BYTES));
      this.#bytes.copy(grown, 0, 0, this.#sizeBytes);
      this.#bytes = grown;
    }
    this.#bytes.set(chunk, this.#sizeBytes);
    this.#sizeBytes = neededBytes;
  }

  /** All that was gathered; what follows starts anew. */
  take(): Uint8Array {
    const taken = this.#bytes.subarray(0, this.#sizeBytes);
    this.#bytes = EMPTY;
    this.#sizeBytes = 0;
    return taken;
  }
}

/**
 * Undoes a `content-encoding` (two are undone in reverse), each step bounded by `maxBodyBytes` and by MAX_RATIO of what was
 * sent. Throws BodyTooLargeError, CompressionBombError, or what zlib throws on broken data.
 */
export async function decodeBody(
  url: string,
  body: Uint8Array,
  encoding: string | undefined,
  maxBodyBytes: number,
): Promise<Uint8Array> {
  if (encoding === undefined || body.byteLength === 0) return body;
  const steps = encoding
    .toLowerCase()
    .split(',', MAX_ENCODINGS + 2)
    .map((name) => name.trim())
    .filter((name) => name !== '' && name !== 'identity');
  if (steps.length > MAX_ENCODINGS) throw new Error(`content-encoding has more than ${MAX_ENCODINGS} steps`);
  const sentBytes = body.byteLength;
  const unfoldedBytes = Math.max(RATIO_FREE_BYTES, MAX_RATIO * sentBytes);
  const options = { maxOutputLength: Math.min(maxBodyBytes, unfoldedBytes) };
  let decoded = body;
  for (const step of steps.reverse()) {
    const decoder = decoderOf(step, decoded);
    if (decoder === undefined) throw new Error(`content-encoding ${step.slice(0, 40)} was not asked for`);
    try {
      // A thread costs more than a small body's work.
      const isSmall = decoded.byteLength <= SYNC_BYTES;
      decoded = isSmall ? decoder.now(decoded, options) : await decoder.later(decoded, options);
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'ERR_BUFFER_TOO_LARGE') throw cause;
      if (unfoldedBytes < maxBodyBytes) throw new CompressionBombError(url, sentBytes, MAX_RATIO);
      throw new BodyTooLargeError(url, maxBodyBytes);
    }
  }
  return decoded;
}

type Bounded = { maxOutputLength: number };

interface Decoder {
  now: (data: Uint8Array, options: Bounded) => Buffer;
  later: (data: Uint8Array, options: Bounded) => Promise<Buffer>;
}

function decoderOf(name: string, data: Uint8Array): Decoder | undefined {
  // Some servers mean the bare stream by `deflate`; the low four bits of zlib's first byte say 8 (RFC 1950).
  if (name === 'deflate') return ((data[0] ?? 0) & 15) === 8 ? ZLIB : RAW;
  return DECODERS.get(name);
}

const EMPTY = Buffer.alloc(0);
const MIN_BUFFER_BYTES = 4096;
const MAX_EXPECTED_BYTES = 1_048_576;
const MAX_ENCODINGS = 2;
/** Nearly every page; the worst of them unfolds to 6.5 MB, in some ten milliseconds. */
const SYNC_BYTES = 32_768;

const GZIP: Decoder = { now: gunzipSync, later: promisify<Uint8Array, Bounded, Buffer>(gunzip) };
const ZLIB: Decoder = { now: inflateSync, later: promisify<Uint8Array, Bounded, Buffer>(inflate) };
const RAW: Decoder = { now: inflateRawSync, later: promisify<Uint8Array, Bounded, Buffer>(inflateRaw) };
const BROTLI: Decoder = { now: brotliDecompressSync, later: promisify<Uint8Array, Bounded, Buffer>(brotliDecompress) };

const DECODERS: ReadonlyMap<string, Decoder> = new Map([
  ['gzip', GZIP],
  ['x-gzip', GZIP],
  ['br', BROTLI],
]);
