import { SeineError } from '../../core/errors.ts';

/** The browser went away or the page broke it; another try gets another browser. */
export class BrowserFailedError extends SeineError {
  constructor(url: string, cause: unknown) {
    const reason = cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause);
    super('BrowserFailed', `the browser could not show ${url} (${reason}); try again`, {
      details: { url, reason },
      remedy: 'retry',
      cause,
    });
  }
}

/** A page is to be shown by a browser and there is none. */
export class BrowserMissingError extends SeineError {
  constructor(url: string) {
    super('BrowserMissing', `${url} needs a browser, and this worker has none; run a worker of the browser pool`, {
      details: { url },
    });
  }
}
