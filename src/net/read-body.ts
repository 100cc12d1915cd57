import type { IncomingMessage } from 'node:http';
import { BodyBuffer } from './guarded-body.ts';

/**
 * The whole body of a request, gathered in one piece of memory however small its chunks are. Throws what `tooLarge` makes as soon as it is, or says that it will
 * be, larger than `mostBytes`.
 */
export async function readBody(
  request: IncomingMessage,
  mostBytes: number,
  tooLarge: (mostBytes: number) => Error,
): Promise<Uint8Array> {
  if (Number(request.headers['content-length'] ?? 0) > mostBytes) throw tooLarge(mostBytes);
  const body = new BodyBuffer();
  // The request stays whole, so that the refusal goes out on its connection and does not count as a caller gone.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    if (body.sizeBytes + chunk.length > mostBytes) throw tooLarge(mostBytes);
    body.push(chunk);
  }
  return body.take();
}
