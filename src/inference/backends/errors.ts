import { SeineError } from '../../core/errors.ts';

/** The backend has no room now. */
export class BackendBusy extends SeineError {
  /** What it asked for; null where it named no time. */
  readonly retryAfterMs: number | null;

  constructor(backend: string, retryAfterMs: number | null) {
    const when = retryAfterMs === null ? 'later' : `in ${retryAfterMs} ms`;
    super('BackendBusy', `the backend ${backend} is busy: try again ${when}`, {
      details: { backend, retryAfterMs },
      remedy: 'wait',
    });
    this.retryAfterMs = retryAfterMs;
  }
}

/** The backend gave no answer, or a broken one. */
export class BackendFailed extends SeineError {
  constructor(backend: string, reason: string, cause?: unknown) {
    super('BackendFailed', `the backend ${backend} gave no answer (${reason}): see its own log`, {
      details: { backend, reason },
      remedy: 'retry',
      cause,
    });
  }
}

/** The backend does not do what a request asks for; asking again changes nothing. */
export class BackendUnsupported extends SeineError {
  constructor(backend: string, reason: string) {
    super('BackendUnsupported', `the backend ${backend} does not take this request (${reason}): name another backend`, {
      details: { backend, reason },
    });
  }
}
