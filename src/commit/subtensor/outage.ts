import { messageOf } from '../../core/errors.ts';

/** What may be wrong when a read fails: the socket is gone, the node is silent or wants to be asked less, or the request itself is. */
export type Failure = 'lost' | 'silent' | 'refused';

/** Tells failures apart. The provider's errors differ by their message only. */
export function failureOf(error: unknown): Failure {
  const message = messageOf(error);
  if (/^(?:disconnected from|WebSocket is not connected)/.test(message)) return 'lost';
  if (/^No response received from RPC endpoint/.test(message)) return 'silent';
  // Public endpoints answer so to whoever asks too often; another one may not.
  if (/too many requests|rate limit exceeded/i.test(message)) return 'silent';
  return 'refused';
}

/** Whether the socket failed rather than the node refused. */
export function isOutage(error: unknown): boolean {
  return failureOf(error) !== 'refused';
}

/** Whether a node says that it has let go of a block's state. */
export function isDiscarded(error: unknown): boolean {
  return /state already discarded/i.test(messageOf(error));
}

/** Whether a node does not know a block by its hash: it lags, or has dropped a block that was replaced. */
export function isUnknownBlock(error: unknown): boolean {
  return /UnknownBlock|unknown block|header was not found|unable to retrieve header/i.test(messageOf(error));
}
