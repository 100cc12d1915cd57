import { lookup as dnsLookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { LookupFunction } from 'node:net';
import { Agent, request as undiciRequest } from 'undici';
import { SeineError } from '../core/errors.ts';
import { classifyAddress, isAllowedByName } from './address-guard.ts';
import {
  AddressRefusedError,
  BodyTooLargeError,
  FetchFailedError,
  FetchTimeoutError,
  TooManyRedirectsError,
  UrlNotHttpError,
} from './fetch-errors.ts';
import { ACCEPT_ENCODING, decodeBody, drainBody, RATE_GRACE_MS, readBody } from './guarded-body.ts';
import { UNPAUSED_BYTES } from './unpaused.ts';
import type { WriteChunk } from './whole-file.ts';

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
  /** Takes a body of status 200 as it comes, which is then asked for as it is and not kept: `FetchedPage.body` is empty. */
  sink?: WriteChunk;
}

/**
 * GETs an http(s) URL, or POSTs to it. Any status resolves; what stands in the way rejects with UrlNotHttpError, AddressRefusedError,
 * TooManyRedirectsError, BodyTooLargeError, BodyTooSlowError, FetchTimeoutError or FetchFailedError; the caller's own abort with its reason.
 */
export type GuardedFetch = (url: string, request?: FetchRequest) => Promise<FetchedPage>;

/** Resolves a name to all its addresses. */
export type Resolve = (hostname: string) => Promise<readonly { address: string; family: number }[]>;

export interface GuardedFetchOptions {
  /** `host:port` (or `host`, for the scheme's own port) that may lead to private and loopback addresses. */
  allowPrivate: readonly string[];
  userAgent: string;
  /** @default 10000 */
  timeoutMs?: number;
  /** Of the body as sent, and again once decompressed. @default 5,000,000 */
  maxBodyBytes?: number;
  /** @default 5 */
  maxRedirects?: number;
  /** @default the system's resolver */
  resolve?: Resolve;
}

/**
 * A client for hostile URLs (DESIGN.md, rule 10): names are resolved once, every address is checked, and the connection
 * goes to the very address that was checked. Redirects are followed here, so that each of them is checked anew.
 */
export function createGuardedFetch(options: GuardedFetchOptions): GuardedFetch {
  const { userAgent, timeoutMs = 10_000, maxRedirects = 5 } = options;
  const resolve: Resolve = options.resolve ?? ((hostname) => dnsLookup(hostname, { all: true }));
  const agents = { byName: createAgent(resolve, true), guarded: createAgent(resolve, false) };

  return async (requestedUrl, request = {}) => {
    const limitMs = request.timeoutMs ?? timeoutMs;
    const maxBodyBytes = request.maxBodyBytes ?? options.maxBodyBytes ?? 5_000_000;
    const deadline = AbortSignal.timeout(limitMs);
    const signal = request.signal === undefined ? deadline : AbortSignal.any([deadline, request.signal]);
    const redirects: string[] = [];
    let url = parseHttpUrl(requestedUrl);
    let headers: Record<string, string> = {
      'user-agent': userAgent,
      accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.5',
      ...request.headers,
      'accept-encoding': request.sink === undefined ? ACCEPT_ENCODING : 'identity',
    };
    try {
      for (;;) {
        const byName = isNamed(url, options.allowPrivate);
        assertLiteral(url, byName);
        const answer = await undiciRequest(url, {
          dispatcher: byName ? agents.byName : agents.guarded,
          ...(request.body === undefined ? {} : { method: 'POST' as const, body: request.body }),
          headers,
          signal,
          highWaterMark: UNPAUSED_BYTES,
          ...(request.minBytesPerSecond === undefined ? {} : { bodyTimeout: RATE_GRACE_MS }),
        });
        const mayMove = request.body === undefined && REDIRECTS.has(answer.statusCode);
        const location = mayMove ? headerText(answer.headers['location']) : undefined;
        if (location === undefined) {
          if (Number(headerText(answer.headers['content-length'])) > maxBodyBytes) {
            answer.body.on('error', () => undefined).destroy();
            throw new BodyTooLargeError(url.href, maxBodyBytes);
          }
          const bounds = { url: url.href, maxBodyBytes, minBytesPerSecond: request.minBytesPerSecond ?? 0 };
          const encoding = headerText(answer.headers['content-encoding']);
          const body =
            request.sink === undefined || answer.statusCode !== 200
              ? await decodeBody(url.href, await readBody(answer.body, bounds), encoding, maxBodyBytes)
              : await drainBody(answer.body, bounds, sinkFailing(request.sink));
          return {
            requestedUrl,
            url: url.href,
            status: answer.statusCode,
            headers: flatten(answer.headers),
            body,
            redirects,
          };
        }
        answer.body.on('error', () => undefined).destroy();
        const next = parseHttpUrl(location, url);
        const isLoop = next.href === url.href || redirects.includes(next.href);
        redirects.push(next.href);
        if (isLoop || redirects.length > maxRedirects) throw new TooManyRedirectsError(requestedUrl, redirects, isLoop);
        if (next.origin !== url.origin) headers = withoutSecrets(headers);
        url = next;
      }
    } catch (error) {
      // A full disk here is not the server's fault.
      if (error instanceof SinkFailed) throw error.cause;
      if (request.signal?.aborted === true) throw request.signal.reason;
      throw (
        seineErrorIn(error) ??
        (deadline.aborted ? new FetchTimeoutError(url.href, limitMs) : new FetchFailedError(url.href, error))
      );
    }
  };
}

class SinkFailed extends Error {}

function sinkFailing(sink: WriteChunk): WriteChunk {
  return async (chunk) => {
    try {
      await sink(chunk);
    } catch (cause) {
      throw new SinkFailed('the sink failed', { cause });
    }
  };
}

function createAgent(resolve: Resolve, byName: boolean): Agent {
  return new Agent({
    connect: { lookup: guardedLookup(resolve, byName) },
    connections: 8,
    keepAliveTimeout: 2000,
    maxHeaderSize: 32_768,
  });
}

/** A resolver for `net.connect`, so that what was checked is what is connected to. */
function guardedLookup(resolve: Resolve, byName: boolean): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname).then(
      (addresses) => {
        const refused = addresses.find(({ address }) => !isAllowed(address, byName));
        const [first] = addresses;
        if (refused !== undefined) {
          callback(new AddressRefusedError(hostname, refused.address, classifyAddress(refused.address)), []);
        } else if (first === undefined) {
          callback(Object.assign(new Error(`${hostname} has no address`), { code: 'ENOTFOUND' }), []);
        } else if (options.all === true) {
          callback(null, [...addresses]);
        } else {
          callback(null, first.address, first.family);
        }
      },
      (error: unknown) => callback(error as NodeJS.ErrnoException, []),
    );
  };
}

/** Addresses written into the URL never reach the resolver. */
function assertLiteral(url: URL, byName: boolean): void {
  const literal = url.hostname.replace(/^\[|\]$/g, '');
  if (isIP(literal) !== 0 && !isAllowed(literal, byName)) {
    throw new AddressRefusedError(url.host, literal, classifyAddress(literal));
  }
}

function isAllowed(address: string, byName: boolean): boolean {
  const addressClass = classifyAddress(address);
  return byName ? isAllowedByName(addressClass) : addressClass === 'public';
}

function isNamed(url: URL, allowPrivate: readonly string[]): boolean {
  const port = url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port;
  return allowPrivate.includes(url.host) || allowPrivate.includes(`${url.hostname}:${port}`);
}

function parseHttpUrl(text: string, base?: URL): URL {
  if (!URL.canParse(text, base?.href)) throw new UrlNotHttpError(text);
  const url = new URL(text, base?.href);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw new UrlNotHttpError(text);
  url.hash = '';
  url.username = '';
  url.password = '';
  return url;
}

function withoutSecrets(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !SECRET_HEADERS.has(name.toLowerCase())));
}

function headerText(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join(', ') : value;
}

function flatten(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => {
      const text = headerText(value);
      return text === undefined ? [] : [[name.toLowerCase(), text]];
    }),
  );
}

/** An error of ours may arrive wrapped by the layers between the resolver and here. */
function seineErrorIn(error: unknown): SeineError | null {
  for (let at = error; at instanceof Error; at = at.cause) if (at instanceof SeineError) return at;
  return null;
}

const REDIRECTS = new Set([301, 302, 303, 307, 308]);
const SECRET_HEADERS = new Set(['authorization', 'cookie', 'proxy-authorization']);
