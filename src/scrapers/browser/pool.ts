import { SeineError } from '../../core/errors.ts';
import { FetchTimeoutError } from '../../net/fetch-errors.ts';
import { movedTo } from '../../net/guarded-fetch.ts';
import type { FetchedPage, GuardedFetch } from '../../net/guarded-fetch.ts';
import type { Showing } from './answer.ts';
import { readDocument, takeScreenshot } from './document.ts';
import { BrowserFailedError } from './errors.ts';
import { PageLost } from './lane.ts';
import type { OpenPage } from './lane.ts';
import { untilSettled } from './settled.ts';
import type { SharedBrowser } from './shared-browser.ts';
import { untilAborted } from './within.ts';

export interface BrowserPoolOptions {
  /** Shared with other pools, and closed by its owner. */
  browser: SharedBrowser;
  /** All that pages load comes by it. */
  fetch: GuardedFetch;
  /** `host` or `host:port` that a page may load from; everything else is refused. */
  allowHosts: readonly string[];
  /** Of the document that scripts left, and of each answer. @default 5,000,000 */
  maxBodyBytes?: number;
}

export interface RenderRequest {
  /** For everything, the wait for a free page excepted. @default 20000 */
  timeoutMs?: number;
  signal?: AbortSignal;
  /** Whether redirects of the document are followed (see FetchRequest). @default true */
  follow?: boolean;
  /** Whether to take a picture as evidence. @default false */
  screenshot?: boolean;
}

export interface RenderedPage extends FetchedPage {
  /** What the viewport showed, as JPEG; only where it was asked for and the answer is HTML. */
  screenshot?: Uint8Array;
}

/** Shows pages of one job in a real browser that has no network of its own: all it loads comes through the guarded client. */
export interface BrowserPool {
  /**
   * The document after its scripts ran, as UTF-8 HTML. Rejects as GuardedFetch does, or with BrowserFailedError: a page whose process or browser
   * ends is shown once more by another before that.
   */
  render(url: string, request?: RenderRequest): Promise<RenderedPage>;
}

export function openBrowserPool(options: BrowserPoolOptions): BrowserPool {
  const { browser, allowHosts, maxBodyBytes = 5_000_000 } = options;
  const fetch: GuardedFetch = (url, request) => options.fetch(url, { maxBodyBytes, ...request });

  async function show(url: string, signal: AbortSignal, request: RenderRequest): Promise<RenderedPage> {
    const { timeoutMs = TIMEOUT_MS, follow = true } = request;
    const first = await fetch(url, { timeoutMs, signal, follow });
    if (!follow && movedTo(first) !== null) return first;
    if (!allowHosts.includes(new URL(first.url).host) || !isHtml(first)) return first;
    const showing = (): Showing => ({ first, fetch, allowHosts, signal, open: 0, served: 0, loadedBytes: 0 });
    const attempt = (now: Showing): Promise<RenderedPage> =>
      browser.show(now, (open) => render(open, now, request.screenshot === true));
    return await attempt(showing()).catch((error: unknown) => {
      if (error instanceof PageLost && !signal.aborted) return attempt(showing());
      throw error;
    });
  }

  async function render(open: OpenPage, showing: Showing, hasScreenshot: boolean): Promise<RenderedPage> {
    const { page } = open;
    // The signal is what ends it.
    await page.goto(showing.first.url, { waitUntil: 'domcontentloaded', timeout: 0 });
    await untilSettled(page, showing);
    return {
      ...showing.first,
      headers: { ...showing.first.headers, 'content-type': UTF8_HTML },
      body: await readDocument(open, maxBodyBytes),
      ...(hasScreenshot ? { screenshot: await takeScreenshot(page) } : {}),
    };
  }

  return {
    async render(url, request = {}) {
      const { timeoutMs = TIMEOUT_MS } = request;
      const giveBack = await browser.turn(request.signal);
      const deadline = AbortSignal.timeout(timeoutMs);
      const signal = request.signal === undefined ? deadline : AbortSignal.any([deadline, request.signal]);
      const shown = show(url, signal, request);
      // A page that is given up is still being closed, and counts until it is.
      void shown.catch(() => undefined).finally(giveBack);
      try {
        return await untilAborted(shown, signal);
      } catch (error) {
        if (request.signal?.aborted === true) throw request.signal.reason;
        if (deadline.aborted) throw new FetchTimeoutError(url, timeoutMs);
        throw error instanceof SeineError ? error : new BrowserFailedError(url, error);
      }
    },
  };
}

function isHtml(page: FetchedPage): boolean {
  return /\b(?:text\/html|application\/xhtml\+xml)\b/i.test(page.headers['content-type'] ?? 'text/html');
}

const TIMEOUT_MS = 20_000;
const UTF8_HTML = 'text/html; charset=utf-8';
