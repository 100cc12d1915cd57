/** A pause longer than this is no pause. */
const MAX_RETRY_AFTER_S = 86_400;

/** How long a `Retry-After` (RFC 9110, 10.2.3) asks to wait; null where it says nothing. Seconds alone are read: the header's dates need the server's clock. */
export function retryAfterMs(header: string | string[] | undefined): number | null {
  if (typeof header !== 'string' || !/^\d{1,9}$/.test(header)) return null;
  return Math.min(Number(header), MAX_RETRY_AFTER_S) * 1000;
}
