import type { IncomingMessage } from 'node:http';
import { createPlaces, createRateLimiter } from '../../net/object-server-limits.ts';
import { readBody } from '../../net/read-body.ts';
import { ServerRefusal } from './errors.ts';
import type { InferenceServerLimits } from './server-limits.ts';

/** Bodies of so many bytes are bounded by the number of connections alone: a validator that asks for all it is owed at once comes from one address. */
const SMALL_BODY_BYTES = 64 * 1024;
/** An SS58 address of 32 bytes has 48 characters. */
const MOST_ADDRESS_CHARACTERS = 64;

export type MayAsk = { allowed: true } | { allowed: false; reason: string; status: number };

export interface GateOptions {
  /** Whether a caller (SS58) has the permit and the stake that it takes. */
  mayAsk: (caller: string) => Promise<MayAsk>;
  limits: InferenceServerLimits;
  now: () => number;
}

/**
 * Reads a request's body and lets `verify` judge it, with the place that it holds meanwhile; the claimed caller's permit comes first, so that strangers
 * can't make this server read. Throws ServerRefusal, and what `verify` throws.
 * @param callerHeader in which the caller claims its address
 */
export type Gate = <Verified>(
  request: IncomingMessage,
  callerHeader: string,
  mostBytes: number,
  verify: (body: Uint8Array) => Promise<Verified>,
) => Promise<Verified>;

/** The bounds that hold before it is known who asks, for every protocol together. */
export function createGate({ mayAsk, limits, now }: GateOptions): Gate {
  const addressMayAsk = createRateLimiter(limits.requestsPerMinutePerAddress, now);
  const takeBody = createPlaces(limits.maxBodies, limits.maxBodiesPerAddress);
  return async (request, callerHeader, mostBytes, verify) => {
    const address = request.socket.remoteAddress ?? '';
    if (!addressMayAsk(address)) throw new ServerRefusal(429, 'rate_limited', 'too many requests; slow down');
    const claimed = request.headers[callerHeader];
    if (typeof claimed !== 'string' || claimed.length > MOST_ADDRESS_CHARACTERS) {
      throw new ServerRefusal(400, 'malformed', `the header ${callerHeader} names no caller; sign the request`);
    }
    const decision = await mayAsk(claimed);
    if (!decision.allowed) throw new ServerRefusal(decision.status, 'not_served', decision.reason);
    const leave = isSmall(request) ? () => undefined : takeBody(address);
    if (typeof leave === 'string') throw new ServerRefusal(503, 'busy', 'too many requests are being read; try again');
    try {
      return await verify(await readBody(request, mostBytes, tooLarge));
    } finally {
      leave();
    }
  };
}

function tooLarge(mostBytes: number): ServerRefusal {
  return new ServerRefusal(413, 'too_large', `a request's body has at most ${mostBytes} bytes here`);
}

/** Whether a request states a small body; it can't be longer than it states. */
function isSmall({ headers }: IncomingMessage): boolean {
  return Number(headers['content-length'] ?? Infinity) <= SMALL_BODY_BYTES;
}
