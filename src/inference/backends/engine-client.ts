import { InvalidInputError, messageOf, SeineError } from '../../core/errors.ts';
import { createGuardedFetch } from '../../net/guarded-fetch.ts';
import type { FetchedPage, FetchRequest, NetworkOptions } from '../../net/guarded-fetch.ts';
import { BackendFailed } from './errors.ts';
import { refusalOf } from './refusal.ts';

export interface EngineClientOptions {
  /** With its version, as `http://127.0.0.1:8000/v1`. It may lead to a private address since the operator has named it. */
  baseUrl: string;
  /** Sent as a bearer token. @default none */
  apiKey?: string;
  network: NetworkOptions;
  /** Requests at a time; more wait. @default 8 */
  connections?: number;
}

/** What posts JSON to one engine. */
export interface EngineClient {
  /** The engine's host, for messages. */
  readonly name: string;
  /**
   * Posts a body to a path under the base URL. Throws BackendBusy, BackendFailed or BackendUnsupported for a status other than 200, else what the fetch
   * throws.
   */
  post: (path: string, body: unknown, request: FetchRequest) => Promise<FetchedPage>;
  /** Gets from a path under the base URL, or posts `request.body` as it is there. Throws as `post` does. */
  ask: (path: string, request: FetchRequest) => Promise<FetchedPage>;
  close: () => Promise<void>;
}

/** A client of an engine that speaks JSON. Throws InvalidInputError for a base URL that is none. */
export function createEngineClient(options: EngineClientOptions): EngineClient {
  const base = baseOf(options.baseUrl);
  const client = createGuardedFetch({
    ...options.network,
    allowPrivate: [base.host],
    privateDirect: true,
    connections: options.connections ?? 8,
    keepAliveMs: KEEP_ALIVE_MS,
    // An engine sends headers once the answer is made: the time for the whole is the only bound.
    phases: { headersMs: MAX_ANSWER_MS, idleMs: MAX_ANSWER_MS },
  });
  const secret = options.apiKey === undefined ? {} : { authorization: `Bearer ${options.apiKey}` };

  async function ask(path: string, request: FetchRequest): Promise<FetchedPage> {
    const page = await client(`${base.href}${path}`, {
      ...request,
      timeoutMs: Math.min(request.timeoutMs ?? MAX_ANSWER_MS, MAX_ANSWER_MS),
      headers: { ...secret, ...request.headers },
    });
    if (page.status !== 200) throw refusalOf(base.host, page.status, page.headers, textOf(page));
    return page;
  }

  return {
    name: base.host,
    ask,
    post: (path, body, request) =>
      ask(path, {
        ...request,
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json', ...request.headers },
      }),
    close: () => client.close(),
  };
}

/** What went wrong with an engine, as an error of a backend; what nobody raised on purpose is left as it is. */
export function backendError(name: string, error: unknown): unknown {
  if (!(error instanceof SeineError) || error.name.startsWith('Backend')) return error;
  return new BackendFailed(name, error instanceof InvalidInputError ? messageOf(error) : fetchReason(error), error);
}

/** Such as "FetchFailed: ECONNREFUSED"; messages of fetches name whole addresses. */
function fetchReason({ name, details }: SeineError): string {
  return typeof details['reason'] === 'string' ? `${name}: ${details['reason']}` : name;
}

/** Whether a text is the base URL of an engine's API. */
export function isBaseUrl(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : null;
  return url !== null && /^https?:$/.test(url.protocol) && `${url.username}${url.password}${url.search}` === '';
}

function baseOf(baseUrl: string): { host: string; href: string } {
  if (!isBaseUrl(baseUrl)) {
    throw new InvalidInputError('the base URL of a backend is no http or https URL without user and query');
  }
  const url = new URL(baseUrl);
  return { host: url.host, href: `${url.origin}${url.pathname.replace(/\/+$/, '')}` };
}

function textOf({ body }: FetchedPage): string {
  return new TextDecoder().decode(body);
}

/** Engines' servers (vLLM's, llama.cpp's) close after 5 s, and what is sent at that moment is lost. */
const KEEP_ALIVE_MS = 3000;
/** No task waits longer for an answer. */
const MAX_ANSWER_MS = 600_000;
