import { lookup as dnsLookup } from 'node:dns/promises';
import { Agent } from 'undici';
import type { Dispatcher } from 'undici';
import { SeineError } from '../core/errors.ts';
import { ContentTypeRefusedError, FetchFailedError, FetchTimeoutError, TooManyRedirectsError } from './fetch-errors.ts';
import { ACCEPT_ENCODING, decodeBody } from './guarded-body.ts';
import { guardedConnector } from './guarded-connect.ts';
import type { Resolve } from './guarded-connect.ts';
import { Cancel, exchange, MAX_HEADER_BYTES, RATE_GRACE_MS, SinkFailed } from './guarded-exchange.ts';
import type { BodyPlan, Head } from './guarded-exchange.ts';
import { assertTarget, isNamed, parseTarget } from './guarded-target.ts';
import { parseProxy } from './proxy-tunnel.ts';
import type { WriteChunk } from './whole-file.ts';

export type { Resolve } from './guarded-connect.ts';

/** What came back from a GET, once redirects were followed and the body was decompressed. */
export interface FetchedPage {
  requestedUrl: string;
  /** Where the last redirect led; the requested URL without a fragment when there was none. */
  url: string;
  status: number;
  /** Names in lower case; repeated headers are joined by `, `. */
  headers: Record<string, string>;
  body: Uint8Array;
  /** Every URL that a redirect led to, in order. */
  redirects: string[];
}

export interface FetchRequest {
  /** Sent by POST, and then no redirect is followed: what is posted goes where it was meant to. @default a GET */
  body?: string | Uint8Array;
  headers?: Readonly<Record<string, string>>;
  /** For the whole exchange, redirects and body included. */
  timeoutMs?: number;
  /** Of the body as sent, and again once decompressed. @default the client's own */
  maxBodyBytes?: number;
  /** A server whose body comes slower is given up with BodyTooSlowError, once 5 s have passed. @default any rate */
  minBytesPerSecond?: number;
  signal?: AbortSignal;
  /**
   * Content types that an answer of status 2xx may have, as `text/html` or `text/*`; another one is refused with
   * ContentTypeRefusedError before its body is read. One that states none is read. @default any
   */
  accepts?: readonly string[];
  /** Whether redirects are followed; else one is given as it is, without its body, and `movedTo` says where it leads. @default true */
  follow?: boolean;
  /** Takes a body of status 200 as it comes, which is then asked for as it is and not kept: `FetchedPage.body` is empty. */
  sink?: WriteChunk;
}

/**
 * GETs an http(s) URL, or POSTs to it. Any status resolves; what stands in the way rejects with UrlNotHttpError, AddressRefusedError,
 * PortRefusedError, ProxyFailedError, TooManyRedirectsError, HeadersTooLargeError, ContentTypeRefusedError, BodyTooLargeError,
 * CompressionBombError, BodyTooSlowError, FetchTimeoutError or FetchFailedError; the caller's own abort with its reason.
 */
export type GuardedFetch = (url: string, request?: FetchRequest) => Promise<FetchedPage>;

/** A client with its connections. */
export interface GuardedClient extends GuardedFetch {
  /** Closes all connections; requests in flight fail. */
  close(): Promise<void>;
}

/** How an operator's clients reach the web; the same for all of them. */
export interface NetworkOptions {
  userAgent: string;
  /** URL of an HTTP proxy; names are resolved and checked here all the same. @default none */
  proxy?: string | null;
  /** Whether HTTP/2 is offered to servers. @default true */
  http2?: boolean;
}

export interface GuardedFetchOptions extends NetworkOptions {
  /** `host:port` (or `host`, for the scheme's own port) that may lead to private and loopback addresses, and any port. */
  allowPrivate: readonly string[];
  /** Whether private addresses are connected to past the proxy: from where it stands they are others. @default false */
  privateDirect?: boolean;
  /** Of the whole exchange. @default 10000 */
  timeoutMs?: number;
  /** Of its phases, each within `timeoutMs`. @default PHASE_TIMES */
  phases?: Partial<PhaseTimes>;
  /** Of the body as sent, and again once decompressed. @default 5,000,000 */
  maxBodyBytes?: number;
  /** @default 5 */
  maxRedirects?: number;
  /** Connections to one origin. @default 8 */
  connections?: number;
  /** How long a connection waits for its next request, whatever a server offers. @default 20000 */
  keepAliveMs?: number;
  /** @default the system's resolver */
  resolve?: Resolve;
  /** Certificate authority in PEM that is trusted instead of the public ones. */
  ca?: string;
}

export interface PhaseTimes {
  resolveMs: number;
  connectMs: number;
  tlsMs: number;
  /** From the request's being sent to its headers. */
  headersMs: number;
  /** Silence in a body. */
  idleMs: number;
}

/** What a server on the other side of the world with a slow database still keeps. */
export const PHASE_TIMES: PhaseTimes = {
  resolveMs: 5000,
  connectMs: 5000,
  tlsMs: 5000,
  headersMs: 30_000,
  idleMs: 15_000,
};

/**
 * A client for hostile URLs (DESIGN.md, rule 10): names are resolved once, every address is checked, and the connection
 * goes to the very address that was checked. Redirects are followed here, so that each of them is checked anew.
 * Connections are kept for the next request: make one client for many, and close it at the end.
 */
export function createGuardedFetch(options: GuardedFetchOptions): GuardedClient {
  const { userAgent, timeoutMs = 10_000, maxBodyBytes: usualBodyBytes = 5_000_000, maxRedirects = 5 } = options;
  const phases = { ...PHASE_TIMES, ...options.phases };
  const allowPrivate = new Set(options.allowPrivate);
  const agents = { byName: createAgent(options, phases, true), guarded: createAgent(options, phases, false) };

  async function get(requestedUrl: string, request: FetchRequest, cancel: Cancel): Promise<FetchedPage> {
    const maxBodyBytes = request.maxBodyBytes ?? usualBodyBytes;
    const minBytesPerSecond = request.minBytesPerSecond ?? 0;
    const isGet = request.body === undefined;
    const redirects: string[] = [];
    let url = parseTarget(requestedUrl);
    let headers: Record<string, string> = {
      'user-agent': userAgent,
      accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.5',
      ...request.headers,
      'accept-encoding': request.sink === undefined ? ACCEPT_ENCODING : 'identity',
    };
    const plan = (head: Head): BodyPlan | null => {
      if (isGet && locationOf(head) !== undefined) {
        // Read where that is quick, so that the connection can be used again.
        const isShort = Number(head.headers['content-length']) <= MAX_MOVED_BYTES;
        return isShort ? { maxBodyBytes: MAX_MOVED_BYTES, minBytesPerSecond, sink: null } : null;
      }
      if (request.accepts !== undefined) assertType(url, head, request.accepts);
      return { maxBodyBytes, minBytesPerSecond, sink: head.status === 200 ? (request.sink ?? null) : null };
    };
    for (;;) {
      const byName = isNamed(url, allowPrivate);
      assertTarget(url, byName);
      const answer = await exchange({
        dispatcher: byName ? agents.byName : agents.guarded,
        url,
        headers,
        body: request.body ?? null,
        headersMs: phases.headersMs,
        idleMs: minBytesPerSecond === 0 ? phases.idleMs : RATE_GRACE_MS,
        cancel,
        plan,
      }).catch((error: unknown) => {
        throw fetchError(error, url.href);
      });
      const location = isGet ? locationOf(answer) : undefined;
      if (location !== undefined && request.follow === false) {
        const { status, headers: received } = answer;
        return { requestedUrl, url: url.href, status, headers: received, body: new Uint8Array(), redirects };
      }
      if (location === undefined) {
        const body = await decodeBody(url.href, answer.body, answer.headers['content-encoding'], maxBodyBytes).catch(
          (error: unknown) => {
            throw fetchError(error, url.href);
          },
        );
        return { requestedUrl, url: url.href, status: answer.status, headers: answer.headers, body, redirects };
      }
      const next = parseTarget(location, url);
      const isLoop = next.href === url.href || redirects.includes(next.href);
      redirects.push(next.href);
      if (isLoop || redirects.length > maxRedirects) throw new TooManyRedirectsError(requestedUrl, redirects, isLoop);
      if (next.origin !== url.origin) headers = withoutSecrets(headers);
      url = next;
    }
  }

  async function fetch(requestedUrl: string, request: FetchRequest = {}): Promise<FetchedPage> {
    const { signal } = request;
    signal?.throwIfAborted();
    const limitMs = request.timeoutMs ?? timeoutMs;
    const cancel = new Cancel();
    const timer = setTimeout(() => cancel.now(new FetchTimeoutError(requestedUrl, limitMs)), limitMs);
    // A moment later, so that what made its owner abort, such as a sink that failed, is heard first.
    const onAbort = (): void => void setImmediate(() => cancel.now(new Aborted()));
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      return await get(requestedUrl, request, cancel);
    } catch (error) {
      // A full disk here is not the server's fault.
      if (error instanceof SinkFailed) throw error.cause;
      if (signal?.aborted === true) throw signal.reason;
      throw error;
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    }
  }

  return Object.assign(fetch, {
    close: async () => {
      await Promise.all([agents.byName.destroy(), agents.guarded.destroy()]);
    },
  });
}

/** Where an answer that was not followed leads; null where it is no redirect. Throws UrlNotHttpError where it leads to no http(s) URL. */
export function movedTo(page: Pick<FetchedPage, 'url' | 'status' | 'headers'>): string | null {
  const location = locationOf(page);
  return location === undefined ? null : parseTarget(location, new URL(page.url)).href;
}

class Aborted extends Error {}

function createAgent(options: GuardedFetchOptions, phases: PhaseTimes, byName: boolean): Dispatcher {
  const { http2 = true, keepAliveMs = KEEP_ALIVE_MS } = options;
  return new Agent({
    connect: guardedConnector({
      resolve: options.resolve ?? ((hostname) => dnsLookup(hostname, { all: true })),
      byName,
      resolveMs: phases.resolveMs,
      connectMs: phases.connectMs,
      tlsMs: phases.tlsMs,
      proxy: options.proxy === undefined || options.proxy === null ? null : parseProxy(options.proxy),
      privateDirect: options.privateDirect ?? false,
      http2,
      ca: options.ca ?? null,
    }),
    allowH2: http2,
    connections: options.connections ?? 8,
    keepAliveTimeout: keepAliveMs,
    keepAliveMaxTimeout: keepAliveMs,
    maxHeaderSize: MAX_HEADER_BYTES,
  });
}

function locationOf({ status, headers }: Head): string | undefined {
  return REDIRECTS.has(status) ? headers['location'] : undefined;
}

function assertType(url: URL, { status, headers }: Head, accepts: readonly string[]): void {
  const stated = headers['content-type'];
  if (stated === undefined || status < 200 || status > 299) return;
  const [type = ''] = stated.split(';', 1);
  const name = type.trim().toLowerCase();
  const isAccepted = accepts.some((accepted) =>
    accepted.endsWith('/*') ? name.startsWith(accepted.slice(0, -1)) : name === accepted,
  );
  if (!isAccepted) throw new ContentTypeRefusedError(url.href, name, accepts);
}

function withoutSecrets(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !SECRET_HEADERS.has(name.toLowerCase())));
}

/** An error of ours may arrive wrapped by the layers between the connector and here. */
function fetchError(error: unknown, url: string): unknown {
  if (error instanceof SinkFailed) return error;
  for (let at = error; at instanceof Error; at = at.cause) if (at instanceof SeineError) return at;
  return new FetchFailedError(url, error);
}

const REDIRECTS = new Set([301, 302, 303, 307, 308]);
const SECRET_HEADERS = new Set(['authorization', 'cookie', 'proxy-authorization']);
/** Of the page that comes with a redirect, which nobody reads. */
const MAX_MOVED_BYTES = 65_536;
/** Longer than the usual pause between two requests to a site. */
const KEEP_ALIVE_MS = 20_000;
