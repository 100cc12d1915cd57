import { chromium } from 'playwright-core';
import type { Browser, BrowserContext, Page, Route } from 'playwright-core';
import { SeineError } from '../../core/errors.ts';
import { BodyTooLargeError, FetchTimeoutError } from '../../net/fetch-errors.ts';
import { createGuardedFetch } from '../../net/guarded-fetch.ts';
import type { FetchedPage, GuardedFetch } from '../../net/guarded-fetch.ts';
import { BrowserFailedError } from './errors.ts';

export interface BrowserPoolOptions {
  executablePath: string;
  /** Pages shown at the same time. */
  pages: number;
  /** `host` or `host:port` that a page may load from; everything else is refused. */
  allowHosts: readonly string[];
  /** Those among them that may be private or loopback addresses. @default none */
  allowPrivate?: readonly string[];
  userAgent: string;
  /** Of the document that scripts left. @default 5,000,000 */
  maxBodyBytes?: number;
  log: (line: string) => void;
}

/** Shows pages in a real browser that has no network of its own: all it loads comes through the guarded client. */
export interface BrowserPool {
  /**
   * The document after its scripts ran, as UTF-8 HTML. Rejects as GuardedFetch does, or with BrowserFailedError.
   * @param request timeoutMs for everything, the wait for a free page excepted; @default 20000
   */
  render(url: string, request?: { timeoutMs?: number; signal?: AbortSignal }): Promise<FetchedPage>;
  close(): Promise<void>;
}

/** Nothing is started before the first page is asked for; a browser that died is started anew by the next one. */
export function openBrowserPool(options: BrowserPoolOptions): BrowserPool {
  const { maxBodyBytes = 5_000_000, log } = options;
  const fetch = createGuardedFetch({
    allowPrivate: options.allowPrivate ?? [],
    userAgent: options.userAgent,
    maxBodyBytes,
  });
  const slots = createSlots(options.pages);
  let starting: Promise<Browser> | null = null;
  let isClosed = false;

  async function browser(): Promise<Browser> {
    if (starting !== null) {
      const running = await starting.catch(() => null);
      if (running?.isConnected() === true) return running;
      starting = null;
    }
    starting ??= launch(options.executablePath, log);
    return starting;
  }

  async function show(url: string, deadlineMs: number, signal: AbortSignal): Promise<FetchedPage> {
    const first = await fetch(url, { timeoutMs: deadlineMs, signal });
    if (!options.allowHosts.includes(new URL(first.url).host) || !isHtml(first)) return first;
    const context = await (
      await browser()
    ).newContext({
      userAgent: options.userAgent,
      serviceWorkers: 'block',
      acceptDownloads: false,
    });
    const stop = (): void => void context.close().catch(() => undefined);
    signal.addEventListener('abort', stop, { once: true });
    try {
      await context.route('**/*', (route) => answer(route, first, fetch, options.allowHosts));
      await context.routeWebSocket('**/*', (socket) => socket.close());
      const page = await context.newPage();
      await page.goto(first.url, { waitUntil: 'domcontentloaded', timeout: deadlineMs });
      // A page that never falls silent is read as it is by then, unless it has nothing to show yet.
      await page.waitForLoadState('networkidle', { timeout: SETTLE_MS }).catch(() => undefined);
      if (Number(await page.evaluate(TEXT_LENGTH)) < HARDLY_ANY_TEXT) {
        await page.waitForLoadState('networkidle', { timeout: deadlineMs }).catch(() => undefined);
      }
      return {
        ...first,
        headers: { ...first.headers, 'content-type': UTF8_HTML },
        body: await content(page, maxBodyBytes),
      };
    } finally {
      signal.removeEventListener('abort', stop);
      await closeContext(context);
    }
  }

  return {
    async render(url, request = {}) {
      const { timeoutMs = 20_000 } = request;
      const release = await slots.take();
      const deadline = AbortSignal.timeout(timeoutMs);
      const signal = request.signal === undefined ? deadline : AbortSignal.any([deadline, request.signal]);
      try {
        if (isClosed) throw new Error('the pool is closed');
        return await untilAborted(show(url, timeoutMs, signal), signal);
      } catch (error) {
        if (request.signal?.aborted === true) throw request.signal.reason;
        if (deadline.aborted) throw new FetchTimeoutError(url, timeoutMs);
        throw error instanceof SeineError ? error : new BrowserFailedError(url, error);
      } finally {
        release();
      }
    },
    async close() {
      isClosed = true;
      const running = await starting?.catch(() => null);
      await running?.close();
    },
  };
}

async function launch(executablePath: string, log: (line: string) => void): Promise<Browser> {
  const isRoot = process.getuid?.() === 0;
  if (isRoot) log('warning: the browser runs without its sandbox, because this process is root; use another user');
  return chromium.launch({
    executablePath,
    headless: true,
    chromiumSandbox: !isRoot,
    // A profile of its own, in a temporary folder, comes with each launch.
    args: ['--disable-background-networking', ...NO_NETWORK],
    // Requests are answered before they reach the network; what slips by, whatever it is, ends at a closed door.
    proxy: { server: 'http://127.0.0.1:9', bypass: '<-loopback>' },
  });
}

/** Gives the browser what it asks for by way of the guarded client; only GETs of what shapes a document's text. */
async function answer(
  route: Route,
  first: FetchedPage,
  fetch: GuardedFetch,
  allowHosts: readonly string[],
): Promise<void> {
  const request = route.request();
  const url = request.url();
  try {
    const isAllowed = request.method() === 'GET' && LOADED.has(request.resourceType()) && URL.canParse(url);
    if (!isAllowed || !allowHosts.includes(new URL(url).host)) {
      await route.abort('blockedbyclient');
      return;
    }
    const isDocument = request.isNavigationRequest() && url === first.url;
    const page = isDocument ? first : await fetch(url, { headers: { accept: '*/*' } });
    if (!allowHosts.includes(new URL(page.url).host)) {
      await route.abort('blockedbyclient');
      return;
    }
    await route.fulfill({ status: page.status, headers: asDecoded(page.headers), body: Buffer.from(page.body) });
  } catch {
    // The page may be gone by now, and then nobody waits for the answer.
    await route.abort('failed').catch(() => undefined);
  }
}

/** Headers that fit a body whose transfer and content encodings have been undone. */
function asDecoded(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !TRANSPORT_HEADERS.has(name)));
}

async function content(page: Page, maxBodyBytes: number): Promise<Uint8Array> {
  const length = await page.evaluate(() => document.documentElement.outerHTML.length);
  if (length > maxBodyBytes) throw new BodyTooLargeError(page.url(), maxBodyBytes);
  return new TextEncoder().encode(await page.content());
}

/** A page that hangs must not keep its context from going; the browser goes with it then. */
async function closeContext(context: BrowserContext): Promise<void> {
  const patience = AbortSignal.timeout(CLOSE_MS);
  await untilAborted(context.close(), patience).catch(() => context.browser()?.close());
}

async function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  return await new Promise<T>((resolve, reject) => {
    const abort = (): void => reject(signal.reason as Error);
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

/** At most `count` at once, first come, first served. */
function createSlots(count: number): { take: () => Promise<() => void> } {
  const waiting: (() => void)[] = [];
  let free = count;
  const release = (): void => {
    const next = waiting.shift();
    if (next === undefined) free += 1;
    else next();
  };
  return {
    async take() {
      if (free > 0) free -= 1;
      else await new Promise<void>((resolve) => waiting.push(resolve));
      return release;
    },
  };
}

function isHtml(page: FetchedPage): boolean {
  return /\b(?:text\/html|application\/xhtml\+xml)\b/i.test(page.headers['content-type'] ?? 'text/html');
}

const UTF8_HTML = 'text/html; charset=utf-8';
const SETTLE_MS = 3000;
/** Runs in the page. */
const TEXT_LENGTH = 'document.body?.innerText?.trim().length ?? 0';
/** UTF-16 units. */
const HARDLY_ANY_TEXT = 200;
const CLOSE_MS = 3000;
const LOADED = new Set(['document', 'script', 'xhr', 'fetch', 'stylesheet', 'other']);
const TRANSPORT_HEADERS = new Set([
  'content-encoding',
  'content-length',
  'transfer-encoding',
  'connection',
  'keep-alive',
]);
/** Names resolve to nothing, and WebRTC has no way around the proxy. */
const NO_NETWORK = [
  '--host-resolver-rules=MAP * ~NOTFOUND',
  '--force-webrtc-ip-handling-policy=disable_non_proxied_udp',
  '--disable-quic',
];
