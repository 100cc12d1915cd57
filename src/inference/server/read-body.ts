import type { IncomingMessage } from 'node:http';
import { ServerRefusal } from './errors.ts';

/** The whole body of a request. Throws ServerRefusal 413 as soon as it is, or says that it will be, larger than `mostBytes`. */
export async function readBody(request: IncomingMessage, mostBytes: number): Promise<Uint8Array> {
  const tooLarge = (): ServerRefusal =>
    new ServerRefusal(413, 'too_large', `a request's body has at most ${mostBytes} bytes here`);
  if (Number(request.headers['content-length'] ?? 0) > mostBytes) throw tooLarge();
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  // The request stays whole, so that the refusal goes out on its connection and does not count as a caller gone.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length;
    if (sizeBytes > mostBytes) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
