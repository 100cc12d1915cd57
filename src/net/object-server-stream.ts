import type { ServerResponse } from 'node:http';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ObjectServerLimits } from './object-server-limits.ts';

/** An object's bytes, and how many they are. */
export interface OpenObject {
  stream: AsyncIterable<Uint8Array>;
  sizeBytes: number;
}

/**
 * Streams an object as a 200 answer. Rejects, with the connection cut, when the client goes away or takes less than
 * `minBytesPerSecond` once `graceMs` have passed, or when the stream does not hold `sizeBytes`.
 */
export async function sendObject(
  response: ServerResponse,
  { stream, sizeBytes }: OpenObject,
  { minBytesPerSecond, graceMs }: Pick<ObjectServerLimits, 'minBytesPerSecond' | 'graceMs'>,
): Promise<void> {
  response.writeHead(200, {
    'content-type': 'application/octet-stream',
    'content-length': sizeBytes,
    'cache-control': 'no-store',
  });
  let sentBytes = 0;
  const meter = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      sentBytes += chunk.length;
      done(sentBytes > sizeBytes ? new Error(`the object is longer than its ${sizeBytes} bytes`) : null, chunk);
    },
    flush(done) {
      done(sentBytes < sizeBytes ? new Error(`the object ended after ${sentBytes} of ${sizeBytes} bytes`) : null);
    },
  });
  const startedMs = performance.now();
  const watch = setInterval(
    () => {
      const tookMs = performance.now() - startedMs;
      const expected = (tookMs / 1000) * minBytesPerSecond;
      if (tookMs > graceMs && sentBytes < Math.min(expected, sizeBytes)) {
        meter.destroy(new Error(`the client took ${sentBytes} bytes in ${Math.round(tookMs)} ms: too slow`));
      }
    },
    Math.min(1000, graceMs),
  );
  try {
    await pipeline(stream, meter, response);
  } finally {
    clearInterval(watch);
  }
}
