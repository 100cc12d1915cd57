import { messageOf } from '../../core/errors.ts';

/** Whether the socket failed rather than the node refused. The provider's errors differ by their message only. */
export function isOutage(error: unknown): boolean {
  return /^(?:disconnected from|WebSocket is not connected|No response received from RPC endpoint)/.test(
    messageOf(error),
  );
}
