import type { SeineError } from '../core/errors.ts';
import { askPeer, PeerRefused, PeerUnreachable } from './peer-request.ts';
import type { PeerRequest } from './peer-request.ts';

/** What a validator said of an epoch, as it signed it; unchecked. Null where it says nothing, or can't be asked. */
export async function fetchStatement(options: PeerRequest & { kind: string; epoch: number }): Promise<string | null> {
  const { base, kind, epoch, maxBytes } = options;
  const chunks: Uint8Array[] = [];
  const tooLarge = (sizeBytes: number): SeineError =>
    new PeerUnreachable('too_large', base, `sends ${sizeBytes} bytes or more; at most ${maxBytes} are taken`);
  try {
    await askPeer(options, { path: '/v1/statements', body: { kind, epoch }, tooLarge }, (chunk) => {
      chunks.push(chunk);
    });
  } catch (error) {
    if (error instanceof PeerRefused || error instanceof PeerUnreachable) return null;
    throw error;
  }
  return Buffer.concat(chunks).toString();
}
