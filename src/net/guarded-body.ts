import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';
import { BodyTooLargeError, BodyTooSlowError } from './fetch-errors.ts';

/** What `decodeBody` understands, as an `accept-encoding` header. */
export const ACCEPT_ENCODING = 'gzip, deflate, br';

/** Time before a minimum rate counts. */
export const RATE_GRACE_MS = 5000;

export interface BodyBounds {
  /** For the errors. */
  url: string;
  maxBodyBytes: number;
  minBytesPerSecond: number;
}

/** Collects a body, within the bounds of `drainBody`. */
export async function readBody(stream: AsyncIterable<Uint8Array>, bounds: BodyBounds): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  await drainBody(stream, bounds, (chunk) => {
    chunks.push(chunk);
    return Promise.resolve();
  });
  return Buffer.concat(chunks);
}

/**
 * Hands on a body of at most `maxBodyBytes`; one byte more throws BodyTooLargeError and stops the stream. So does BodyTooSlowError where it comes
 * slower than `minBytesPerSecond`, looked at with each chunk: one that stops altogether is for the caller to cut off. Gives the empty rest.
 */
export async function drainBody(
  stream: AsyncIterable<Uint8Array>,
  { url, maxBodyBytes, minBytesPerSecond }: BodyBounds,
  sink: (chunk: Uint8Array) => Promise<void>,
): Promise<Uint8Array> {
  let size = 0;
  const startedMs = performance.now();
  for await (const chunk of stream) {
    size += chunk.byteLength;
    // Throwing out of the loop destroys the stream, and with it the connection.
    if (size > maxBodyBytes) throw new BodyTooLargeError(url, maxBodyBytes);
    const tookMs = performance.now() - startedMs;
    if (tookMs > RATE_GRACE_MS && size < (tookMs / 1000) * minBytesPerSecond) {
      throw new BodyTooSlowError(url, size, Math.round(tookMs));
    }
    await sink(chunk);
  }
  return new Uint8Array(0);
}

/**
 * Undoes a `content-encoding` (several are undone in reverse), each step bounded by `maxBodyBytes` so that a small body
 * cannot unfold without end. Throws BodyTooLargeError, or what zlib throws on broken data.
 */
export async function decodeBody(
  url: string,
  body: Uint8Array,
  encoding: string | undefined,
  maxBodyBytes: number,
): Promise<Uint8Array> {
  const steps = (encoding ?? '')
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '' && name !== 'identity');
  if (body.byteLength === 0) return body;
  if (steps.length > MAX_ENCODINGS) throw new Error(`content-encoding ${steps.join(', ')}: too many steps`);
  let decoded = body;
  for (const step of steps.reverse()) {
    const undo = DECODERS[step];
    if (undo === undefined) throw new Error(`content-encoding ${step} was not asked for`);
    try {
      decoded = await undo(decoded, { maxOutputLength: maxBodyBytes });
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'ERR_BUFFER_TOO_LARGE') throw cause;
      throw new BodyTooLargeError(url, maxBodyBytes);
    }
  }
  return decoded;
}

const MAX_ENCODINGS = 2;

const DECODERS: Readonly<Record<string, (data: Uint8Array, options: { maxOutputLength: number }) => Promise<Buffer>>> =
  {
    gzip: promisify(gunzip),
    'x-gzip': promisify(gunzip),
    deflate: promisify(inflate),
    br: promisify(brotliDecompress),
  };
