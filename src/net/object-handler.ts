import type { IncomingMessage, ServerResponse } from 'node:http';
import { messageOf } from '../core/errors.ts';
import { RequestRefused, verifyRequest } from './epistula.ts';
import type { SeenIds } from './epistula.ts';
import type { PathHandler } from './http-server.ts';
import { createPlaces, createRateLimiter, DEFAULT_LIMITS } from './object-server-limits.ts';
import type { ObjectServerLimits } from './object-server-limits.ts';
import { sendObject } from './object-server-stream.ts';
import type { OpenObject } from './object-server-stream.ts';
import { readBody } from './read-body.ts';

/*
 * Objects by digest, for peers that sign for them:
 *   POST /v1/objects, body {"digest": "<64 hex>"}, signed by Epistula v2  -> 200 and the object's bytes
 *   POST /v1/statements, body {"kind": …, "epoch": n}, signed alike       -> 200 and what this validator said of the epoch, signed
 * Whatever is refused answers {"error": <stable word>, "message": <what to do>}.
 */

const MAX_BODY_BYTES = 4096;
const DIGEST = /^[0-9a-f]{64}$/;

export type ServeDecision = { allowed: true } | { allowed: false; reason: string; status: number };

export interface ObjectHandlerOptions {
  /** SS58 address that requests must be signed for. */
  hotkey: string;
  seen: SeenIds;
  /** Whether this caller (SS58, verified) may have this object now. `status` is 403 or 404 as a rule. */
  mayServe: (digest: string, caller: string) => Promise<ServeDecision>;
  /** The object's bytes, or null when it is not here. */
  open: (digest: string) => Promise<OpenObject | null>;
  /** What a validator says of epochs; of miners there is none. */
  statements?: {
    mayAsk: (caller: string) => Promise<ServeDecision>;
    /** Null where it has said nothing. */
    text: (kind: string, epoch: number) => Promise<string | null>;
  };
  limits?: Partial<ObjectServerLimits>;
  log: (message: string, details: Readonly<Record<string, unknown>>) => void;
  /** @default Date.now */
  now?: () => number;
}

/** An answer other than the object. */
class Refusal extends Error {
  readonly status: number;
  readonly error: string;

  constructor(status: number, error: string, message: string) {
    super(message);
    this.status = status;
    this.error = error;
  }
}

/** Answers the paths above. The caller must have awaited `cryptoWaitReady()`. */
export function createObjectHandler(options: ObjectHandlerOptions): PathHandler {
  const { hotkey, seen, log, now = Date.now } = options;
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const addressMayAsk = createRateLimiter(limits.requestsPerMinutePerAddress, now);
  const callerMayAsk = createRateLimiter(limits.requestsPerMinute, now);
  const takePlace = createPlaces(limits.maxConcurrent, limits.maxConcurrentPerCaller);

  async function answer(request: IncomingMessage, response: ServerResponse, isStatement: boolean): Promise<void> {
    if (request.method !== 'POST') throw new Refusal(405, 'method', 'ask by POST');
    if (!addressMayAsk(request.socket.remoteAddress ?? '')) throw rateLimited();

    const body = await readBody(request, MAX_BODY_BYTES, tooLarge);
    const { caller } = await verifyRequest({ headers: request.headers, body, self: hotkey, nowMs: now(), seen });
    if (!callerMayAsk(caller)) throw rateLimited();
    if (isStatement) return await answerStatement(response, body, caller);
    const digest = digestIn(body);
    const decision = await options.mayServe(digest, caller);
    if (!decision.allowed) throw new Refusal(decision.status, 'not_served', decision.reason);

    const leave = takePlace(caller);
    if (leave === 'name') throw new Refusal(429, 'too_many', 'too many objects at once; wait for those under way');
    if (leave === 'all') throw new Refusal(503, 'busy', 'all places are taken; try again in a second');
    try {
      const object = await options.open(digest);
      if (object === null) throw new Refusal(404, 'not_found', `no object ${digest} is here`);
      await sendObject(response, object, limits);
      log('object served', { digest, caller, sizeBytes: object.sizeBytes });
    } finally {
      leave();
    }
  }

  async function answerStatement(response: ServerResponse, body: Uint8Array, caller: string): Promise<void> {
    const { kind, epoch } = statementIn(body);
    const decision = await options.statements?.mayAsk(caller);
    if (decision?.allowed === false) throw new Refusal(decision.status, 'not_served', decision.reason);
    const text = (await options.statements?.text(kind, epoch)) ?? null;
    if (text === null) throw new Refusal(404, 'not_found', `nothing was said of epoch ${epoch}`);
    sendText(response, 200, text);
  }

  return async (request, response, path) => {
    const isStatement = path === '/v1/statements' && options.statements !== undefined;
    if (path !== '/v1/objects' && !isStatement) return false;
    await answer(request, response, isStatement).catch((error: unknown) => {
      refuse(response, error, log);
    });
    return true;
  };
}

function tooLarge(mostBytes: number): Refusal {
  return new Refusal(413, 'too_large', `a request body has at most ${mostBytes} bytes`);
}

function digestIn(body: Uint8Array): string {
  const { digest } = objectIn(body);
  if (typeof digest !== 'string' || !DIGEST.test(digest)) {
    throw new Refusal(400, 'malformed', 'the body is {"digest": "<SHA-256 as 64 lower-case hex characters>"}');
  }
  return digest;
}

function statementIn(body: Uint8Array): { kind: string; epoch: number } {
  const { kind, epoch } = objectIn(body);
  if (typeof kind !== 'string' || !/^[a-z]{1,32}$/.test(kind) || !Number.isSafeInteger(epoch)) {
    throw new Refusal(400, 'malformed', 'the body is {"kind": "<availability or invalid>", "epoch": <number>}');
  }
  return { kind, epoch: epoch as number };
}

function objectIn(body: Uint8Array): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(body).toString());
    return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function rateLimited(): Refusal {
  return new Refusal(429, 'rate_limited', 'too many requests this minute; slow down');
}

/** Answers with what went wrong; once the object is under way, all that is left is to break off. */
function refuse(response: ServerResponse, error: unknown, log: ObjectHandlerOptions['log']): void {
  if (response.headersSent || response.destroyed) {
    log('object broken off', { message: messageOf(error) });
    response.destroy();
  } else if (error instanceof Refusal) {
    sendJson(response, error.status, { error: error.error, message: error.message });
  } else if (error instanceof RequestRefused) {
    sendJson(response, error.status, { error: error.reason, message: error.message });
  } else {
    // Whatever broke here (the store of used ids, the disk) is nothing a caller should read.
    log('object server failed', { message: messageOf(error) });
    sendJson(response, 503, { error: 'unavailable', message: 'this server has trouble of its own; try again later' });
  }
}

function sendJson(response: ServerResponse, status: number, value: Readonly<Record<string, string>>): void {
  sendText(response, status, JSON.stringify(value));
}

function sendText(response: ServerResponse, status: number, text: string): void {
  const body = Buffer.from(text);
  const headers: Record<string, string | number> = {
    'content-type': 'application/json',
    'content-length': body.length,
    'cache-control': 'no-store',
  };
  if (status === 429 || status === 503) headers['retry-after'] = '1';
  // What was not read of a body that is too large is not waited for.
  if (status === 413) headers.connection = 'close';
  response.writeHead(status, headers).end(body);
}
