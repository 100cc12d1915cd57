import { InvalidInputError, messageOf, SeineError } from '../../core/errors.ts';
import { createGuardedFetch } from '../../net/guarded-fetch.ts';
import type { FetchedPage, FetchRequest, NetworkOptions } from '../../net/guarded-fetch.ts';
import { MAX_IMAGE_BASE64_BYTES, MAX_IMAGES } from '../wire/limits.ts';
import type { AnswerOptions } from './backend.ts';
import { BackendFailed } from './errors.ts';
import { refusalOf } from './refusal.ts';

/** No task waits longer for an answer. */
const MAX_ANSWER_MS = 600_000;
/** As many images as a request may ask for, and what is around them; texts and vectors are smaller. */
export const MAX_ANSWER_BYTES = MAX_IMAGES * MAX_IMAGE_BASE64_BYTES + 65_536;

export interface EngineOptions {
  /** Of the engine's API; it may lead to a private address since the operator has named it. */
  baseUrl: string;
  network: NetworkOptions;
  /** Requests at a time; more wait. @default 8 */
  connections?: number;
}

/** An engine that is asked by HTTP. */
export interface EngineClient {
  /** What messages call it. */
  name: string;
  /** Asks at a path behind the base; resolves for status 200 alone, and throws BackendBusy, BackendFailed or BackendUnsupported for others. */
  ask: (path: string, call: AnswerOptions, request: FetchRequest) => Promise<FetchedPage>;
  /** What a failed call is to the backend's caller: its own abort with its reason, everything else an error of backends. */
  failure: (error: unknown, call: AnswerOptions) => unknown;
  close: () => Promise<void>;
}

/** Throws InvalidInputError for a base URL that is none. */
export function createEngineClient({ baseUrl, network, connections = 8 }: EngineOptions): EngineClient {
  const base = baseOf(baseUrl);
  const name = base.host;
  const client = createGuardedFetch({
    ...network,
    ...{ allowPrivate: [base.host], connections },
    // An engine sends headers once the answer is made: the time for the whole is the only bound.
    phases: { headersMs: MAX_ANSWER_MS, idleMs: MAX_ANSWER_MS },
  });
  return {
    name,
    async ask(path, { timeoutMs, signal }, request) {
      const page = await client(`${base.href}${path}`, {
        timeoutMs: Math.min(timeoutMs, MAX_ANSWER_MS),
        maxBodyBytes: MAX_ANSWER_BYTES,
        ...(signal === undefined ? {} : { signal }),
        ...request,
      });
      if (page.status === 200) return page;
      throw refusalOf(name, page.status, page.headers, new TextDecoder().decode(page.body));
    },
    failure(error, { signal }) {
      if (signal?.aborted === true) return signal.reason;
      if (!(error instanceof SeineError) || error.name.startsWith('Backend')) return error;
      return new BackendFailed(name, error instanceof InvalidInputError ? messageOf(error) : error.name, error);
    },
    close: () => client.close(),
  };
}

function baseOf(baseUrl: string): { host: string; href: string } {
  if (!isBaseUrl(baseUrl)) {
    throw new InvalidInputError('the base URL of a backend is no http or https URL without user and query');
  }
  const url = new URL(baseUrl);
  return { host: url.host, href: `${url.origin}${url.pathname.replace(/\/+$/, '')}` };
}

export function isBaseUrl(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : null;
  return url !== null && /^https?:$/.test(url.protocol) && `${url.username}${url.password}${url.search}` === '';
}
