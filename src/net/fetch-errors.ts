import { SeineError } from '../core/errors.ts';

/** The URL is not http or https, or no URL at all. */
export class UrlNotHttpError extends SeineError {
  constructor(url: string) {
    super('UrlNotHttp', `${shorten(url)} is not an http or https URL; only those are fetched`, {
      details: { url: shorten(url) },
      exitCode: 2,
    });
  }
}

/** The host is, or resolves to, an address that is not on the public internet. */
export class AddressRefusedError extends SeineError {
  constructor(host: string, address: string, addressClass: string) {
    super(
      'AddressRefused',
      `${host} leads to ${address}, a ${addressClass} address; if it is meant, allow the host by name in the job`,
      { details: { host, address, addressClass } },
    );
  }
}

/** The port is that of another protocol's servers. */
export class PortRefusedError extends SeineError {
  constructor(host: string, port: number) {
    super('PortRefused', `${host} is no web server's port; if it is meant, allow the host by name in the job`, {
      details: { host, port },
    });
  }
}

/** The answer is of a type that was not asked for. */
export class ContentTypeRefusedError extends SeineError {
  constructor(url: string, contentType: string, accepts: readonly string[]) {
    super(
      'ContentTypeRefused',
      `${shorten(url)} is ${shorten(contentType)}, not ${accepts.join(' or ')}; it was not read`,
      {
        details: { url: shorten(url), contentType: shorten(contentType), accepts },
      },
    );
  }
}

/** More redirects than allowed, or a loop of them. */
export class TooManyRedirectsError extends SeineError {
  constructor(url: string, redirects: readonly string[], isLoop: boolean) {
    const what = isLoop ? 'redirects in a loop' : `redirects more than ${redirects.length - 1} times`;
    super('TooManyRedirects', `${shorten(url)} ${what}; it is given up`, {
      details: { url: shorten(url), redirects: redirects.map(shorten) },
    });
  }
}

/** The body is larger than allowed, as sent or once decompressed. */
export class BodyTooLargeError extends SeineError {
  constructor(url: string, maxBodyBytes: number) {
    super('BodyTooLarge', `the body of ${shorten(url)} is over ${maxBodyBytes} bytes; it was cut off and dropped`, {
      details: { url: shorten(url), maxBodyBytes },
    });
  }
}

/** The body unfolds to far more than was sent. */
export class CompressionBombError extends SeineError {
  constructor(url: string, sentBytes: number, maxRatio: number) {
    super(
      'CompressionBomb',
      `the ${sentBytes} bytes of ${shorten(url)} unfold to over ${maxRatio} times as many; dropped`,
      {
        details: { url: shorten(url), sentBytes, maxRatio },
      },
    );
  }
}

/** The head of the answer has more bytes or more headers than allowed. */
export class HeadersTooLargeError extends SeineError {
  constructor(url: string, maxBytes: number, maxHeaders: number) {
    super(
      'HeadersTooLarge',
      `${shorten(url)} sends over ${maxHeaders} headers or ${maxBytes} bytes of them; given up`,
      {
        details: { url: shorten(url), maxBytes, maxHeaders },
      },
    );
  }
}

/** The proxy of the setting `fetch.proxy` can't be reached, or opens no tunnel. */
export class ProxyFailedError extends SeineError {
  constructor(proxyHost: string, reason: string) {
    super('ProxyFailed', `the proxy at ${proxyHost} opens no tunnel (${reason}): check fetch.proxy`, {
      details: { proxyHost, reason },
      remedy: 'retry',
    });
  }
}

/** The body came slower than it must. */
export class BodyTooSlowError extends SeineError {
  constructor(url: string, sizeBytes: number, tookMs: number) {
    super('BodyTooSlow', `${shorten(url)} sent ${sizeBytes} bytes in ${tookMs} ms, and was given up; try again later`, {
      details: { url: shorten(url), sizeBytes, tookMs },
      remedy: 'retry',
    });
  }
}

/** What a fetch spends its time on; `all` is the whole of it, redirects and body included. */
export type FetchPhase = 'resolve' | 'connect' | 'tls' | 'headers' | 'body' | 'all';

/** A phase, or the whole answer, did not come to its end in time. */
export class FetchTimeoutError extends SeineError {
  constructor(url: string, timeoutMs: number, phase: FetchPhase = 'all') {
    super('FetchTimeout', `${shorten(url)} did not answer within ${timeoutMs} ms (${PHASES[phase]}); try again later`, {
      details: { url: shorten(url), timeoutMs, phase },
      remedy: 'retry',
    });
  }
}

/** The connection or the answer broke: refused, reset, not resolvable, not HTTP, undecodable. */
export class FetchFailedError extends SeineError {
  constructor(url: string, cause: unknown) {
    const reason = cause instanceof Error ? codeOf(cause) : String(cause);
    super('FetchFailed', `${shorten(url)} could not be fetched (${reason}); try again later`, {
      details: { url: shorten(url), reason },
      remedy: 'retry',
      cause,
    });
  }
}

function codeOf(error: Error): string {
  const code = (error as NodeJS.ErrnoException).code;
  return code === undefined ? error.message : code;
}

function shorten(url: string): string {
  return url.length <= 300 ? url : `${url.slice(0, 300)}…`;
}

const PHASES: Readonly<Record<FetchPhase, string>> = {
  resolve: 'resolving its name',
  connect: 'connecting',
  tls: 'TLS handshake',
  headers: 'waiting for headers',
  body: 'silence in its body',
  all: 'in all',
};
