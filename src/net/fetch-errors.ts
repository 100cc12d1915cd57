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

/** The body came slower than it must. */
export class BodyTooSlowError extends SeineError {
  constructor(url: string, sizeBytes: number, tookMs: number) {
    super('BodyTooSlow', `${shorten(url)} sent ${sizeBytes} bytes in ${tookMs} ms, and was given up; try again later`, {
      details: { url: shorten(url), sizeBytes, tookMs },
      remedy: 'retry',
    });
  }
}

/** The whole answer, redirects and body included, did not arrive in time. */
export class FetchTimeoutError extends SeineError {
  constructor(url: string, timeoutMs: number) {
    super('FetchTimeout', `${shorten(url)} did not answer within ${timeoutMs} ms; try again later`, {
      details: { url: shorten(url), timeoutMs },
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
