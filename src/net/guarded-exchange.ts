import type { Dispatcher } from 'undici';
import {
  BodyTooLargeError,
  BodyTooSlowError,
  FetchFailedError,
  FetchTimeoutError,
  HeadersTooLargeError,
} from './fetch-errors.ts';
import { BodyBuffer } from './guarded-body.ts';
import type { WriteChunk } from './whole-file.ts';

/** Of one answer's headers, names and values together; servers that mean well stay below 8,192. */
export const MAX_HEADER_BYTES = 32_768;
/** Headers of one answer: as many as Node takes by HTTP/2. */
export const MAX_HEADERS = 128;
/** Interim answers (status 1xx) before the one that counts. */
const MAX_INTERIM = 8;
/** Pieces of a body that may be smaller than MIN_CHUNK_BYTES on average: each costs a call, and a body of single bytes seconds. */
const MAX_TINY_CHUNKS = 20_000;
const MIN_CHUNK_BYTES = 16;
/** Time before a minimum rate counts. */
export const RATE_GRACE_MS = 5000;

/** What comes before a body. Names are in lower case; repeated headers are joined by `, `. */
export interface Head {
  status: number;
  headers: Record<string, string>;
}

export interface Answer extends Head {
  /** Empty where it was not read, or went to a sink. */
  body: Uint8Array;
}

/** How a body is read. */
export interface BodyPlan {
  maxBodyBytes: number;
  /** 0: any rate. */
  minBytesPerSecond: number;
  /** Null: the body is gathered. */
  sink: WriteChunk | null;
}

export interface ExchangeOptions {
  dispatcher: Dispatcher;
  url: URL;
  headers: Record<string, string>;
  /** Sent by POST; without it the request is a GET. */
  body: string | Uint8Array | null;
  /** From the request's being sent to its headers. */
  headersMs: number;
  /** Silence in a body. */
  idleMs: number;
  cancel: Cancel;
  /** Says how the body is to be read once its head is there; null: not at all, and its connection is closed. May throw. */
  plan: (head: Head) => BodyPlan | null;
}

/** Ends an exchange from outside, at any moment of it; one for all redirects of a fetch. */
export class Cancel {
  #error: Error | null = null;
  #listener: ((error: Error) => void) | null = null;

  get error(): Error | null {
    return this.#error;
  }

  now(error: Error): void {
    this.#error ??= error;
    this.#listener?.(this.#error);
  }

  /** Only the last listener is told. */
  whenCancelled(listener: (error: Error) => void): void {
    this.#listener = listener;
    if (this.#error !== null) listener(this.#error);
  }
}

/** What a sink threw: a full disk here is not the server's fault. */
export class SinkFailed extends Error {}

/**
 * One request and its answer, by undici's dispatcher and without its streams. Bodies are never paused: undici 7 throws where
 * nobody can catch it when a server closes its connection while a body waits (nodejs/undici#5360), so what a sink has
 * not taken waits in memory, within `maxBodyBytes`.
 */
export function exchange(options: ExchangeOptions): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { cancel, url, headers, body } = options;
    const handler = new Exchange(options, resolve, reject);
    cancel.whenCancelled((error) => handler.fail(error));
    if (cancel.error !== null) return;
    options.dispatcher.dispatch(
      {
        origin: url.origin,
        path: `${url.pathname}${url.search}`,
        method: body === null ? 'GET' : 'POST',
        headers,
        body,
        headersTimeout: options.headersMs,
        bodyTimeout: options.idleMs,
      },
      handler,
    );
  });
}

class Exchange implements Dispatcher.DispatchHandler {
  readonly #options: ExchangeOptions;
  readonly #resolve: (answer: Answer) => void;
  readonly #reject: (error: unknown) => void;
  readonly #body = new BodyBuffer();
  #controller: Dispatcher.DispatchController | null = null;
  #failure: Error | null = null;
  #isSettled = false;
  #interim = 0;
  #head: Head | null = null;
  #plan: BodyPlan | null = null;
  #expectedBytes = 0;
  #receivedBytes = 0;
  #chunks = 0;
  #startedMs = 0;
  #isReceived = false;
  #isDraining = false;

  constructor(options: ExchangeOptions, resolve: (answer: Answer) => void, reject: (error: unknown) => void) {
    this.#options = options;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  fail(error: Error): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    this.#failure = error;
    this.#reject(error);
    this.#controller?.abort(error);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#failure !== null) controller.abort(this.#failure);
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: RawHeaders): void {
    if (this.#isSettled) return;
    if (status < 200) {
      this.#interim += 1;
      if (this.#interim > MAX_INTERIM) this.fail(this.#broken(new Error('interim answers without end')));
      return;
    }
    try {
      const head = { status, headers: flatten(headers, this.#options.url) };
      this.#head = head;
      if (status === 304) {
        // Its Content-Length, where it has one, is that of the body that is not sent (RFC 9110, 8.6).
        this.#succeed();
        return;
      }
      this.#plan = this.#options.plan(head);
    } catch (error) {
      this.fail(error as Error);
      return;
    }
    if (this.#plan === null) {
      this.#succeed();
      this.#controller?.abort(new Error('the body is not wanted'));
      return;
    }
    const declaredBytes = Number(this.#head.headers['content-length'] ?? 0);
    if (declaredBytes > this.#plan.maxBodyBytes) this.#tooLarge(this.#plan);
    else if (declaredBytes > 0) this.#expectedBytes = declaredBytes;
    if (this.#plan.minBytesPerSecond > 0) this.#startedMs = performance.now();
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Uint8Array): void {
    const plan = this.#plan;
    if (this.#isSettled || plan === null) return;
    this.#receivedBytes += chunk.byteLength;
    if (this.#receivedBytes > plan.maxBodyBytes) {
      this.#tooLarge(plan);
      return;
    }
    this.#chunks += 1;
    if (this.#chunks > MAX_TINY_CHUNKS && this.#receivedBytes < this.#chunks * MIN_CHUNK_BYTES) {
      this.fail(this.#broken(new Error('a body in tiny chunks')));
      return;
    }
    if (plan.minBytesPerSecond > 0) {
      const tookMs = performance.now() - this.#startedMs;
      if (tookMs > RATE_GRACE_MS && this.#receivedBytes < (tookMs / 1000) * plan.minBytesPerSecond) {
        this.fail(new BodyTooSlowError(this.#options.url.href, this.#receivedBytes, Math.round(tookMs)));
        return;
      }
    }
    this.#body.push(chunk, plan.sink === null ? this.#expectedBytes : 0);
    if (plan.sink !== null) this.#drain(plan.sink);
  }

  onResponseEnd(): void {
    if (this.#expectedBytes > this.#receivedBytes) {
      this.fail(this.#broken(new Error(`${this.#receivedBytes} bytes came of ${this.#expectedBytes}`)));
      return;
    }
    this.#isReceived = true;
    if (!this.#isDraining) this.#succeed();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.fail(this.#named(error));
  }

  #succeed(): void {
    if (this.#isSettled || this.#head === null) return;
    this.#isSettled = true;
    this.#resolve({ ...this.#head, body: this.#body.take() });
  }

  #tooLarge({ maxBodyBytes }: BodyPlan): void {
    this.fail(new BodyTooLargeError(this.#options.url.href, maxBodyBytes));
  }

  #drain(sink: WriteChunk): void {
    if (this.#isDraining) return;
    this.#isDraining = true;
    const step = async (): Promise<void> => {
      while (this.#body.sizeBytes > 0 && !this.#isSettled) await sink(this.#body.take());
    };
    step().then(
      () => {
        this.#isDraining = false;
        if (this.#isReceived) this.#succeed();
      },
      (cause: unknown) => this.fail(new SinkFailed('the sink failed', { cause })),
    );
  }

  #broken(cause: unknown): FetchFailedError {
    return new FetchFailedError(this.#options.url.href, cause);
  }

  /** undici's errors that mean one of our bounds, by our names. */
  #named(error: Error): Error {
    const { url, headersMs, idleMs } = this.#options;
    switch ((error as NodeJS.ErrnoException).code) {
      case 'UND_ERR_HEADERS_OVERFLOW':
        return new HeadersTooLargeError(url.href, MAX_HEADER_BYTES, MAX_HEADERS);
      case 'UND_ERR_HEADERS_TIMEOUT':
        return new FetchTimeoutError(url.href, headersMs, 'headers');
      case 'UND_ERR_BODY_TIMEOUT':
        return new FetchTimeoutError(url.href, idleMs, 'body');
      default:
        return error;
    }
  }
}

type RawHeaders = Readonly<Record<string, string | string[] | undefined>>;

function flatten(headers: RawHeaders, url: URL): Record<string, string> {
  const flat: Record<string, string> = {};
  let count = 0;
  let sizeBytes = 0;
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined || name === '__proto__') continue;
    count += typeof value === 'string' ? 1 : value.length;
    const text = typeof value === 'string' ? value : value.join(', ');
    sizeBytes += name.length + text.length;
    flat[name] = text;
  }
  // HTTP/2 has a bound of its own, of 64 KB.
  if (count > MAX_HEADERS || sizeBytes > MAX_HEADER_BYTES)
    throw new HeadersTooLargeError(url.href, MAX_HEADER_BYTES, MAX_HEADERS);
  return flat;
}
