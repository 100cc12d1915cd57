import type { Browser, BrowserContext, CDPSession, Page } from 'playwright-core';
import { answer, refuse } from './answer.ts';
import type { Showing } from './answer.ts';
import { IN_PAGE_SCRIPT } from './settled.ts';
import { untilAborted, within } from './within.ts';

/** A page that is shown, and the same page by Chromium's own protocol. */
export interface OpenPage {
  page: Page;
  session: CDPSession;
}

/**
 * A browser context that shows one page after another, each closed before the next. Cookies and storage are cleared between them: a page looks as
 * it does to a first visitor, so that a validator that shows it alone gets the same text, and jobs can share a lane.
 */
export interface Lane {
  /** How many pages it has opened. */
  readonly shown: number;
  /** A page went wrong here: it is to be closed and not used again. */
  readonly isBroken: boolean;
  /** Rejects as `work` does, with the showing's signal's reason, or with PageLost. */
  show<T>(showing: Showing, work: (open: OpenPage) => Promise<T>): Promise<T>;
  /** Rejects when the browser can't even close it. */
  close(): Promise<void>;
}

/** The page's process or the whole browser ended while it was shown; another try may go well. */
export class PageLost extends Error {}

export async function openLane(browser: Browser, userAgent: string): Promise<Lane> {
  const context = await browser.newContext({
    userAgent,
    viewport: VIEWPORT,
    serviceWorkers: 'block',
    acceptDownloads: false,
  });
  const origins = new Set<string>();
  let current: Showing | null = null;
  let isOpening = false;
  let shown = 0;
  let isBroken = false;
  await context.addInitScript(IN_PAGE_SCRIPT);
  await context.routeWebSocket('**/*', (socket) => socket.close());
  await context.route('**/*', (route) => {
    if (current === null) return refuse(route);
    const request = route.request();
    if (request.isNavigationRequest() && URL.canParse(request.url())) origins.add(new URL(request.url()).origin);
    return answer(route, current);
  });
  context.on('page', (page) => {
    // What a page opens by itself is closed.
    if (!isOpening) void page.close().catch(() => undefined);
    isOpening = false;
  });

  async function open(onCrash: () => void): Promise<OpenPage> {
    isOpening = true;
    const page = await context.newPage();
    page.once('crash', onCrash);
    const session = await context.newCDPSession(page);
    // By now no script of the page before can write any more.
    const forgotten = [...origins].map((origin) =>
      session.send('Storage.clearDataForOrigin', { origin, storageTypes: 'all' }),
    );
    if (shown > 0) await Promise.all([context.clearCookies(), ...forgotten]);
    origins.clear();
    return { page, session };
  }

  return {
    get shown() {
      return shown;
    },
    get isBroken() {
      return isBroken;
    },
    async show(showing, work) {
      const lost = new AbortController();
      const lose = (): void => lost.abort(new PageLost('the page or its browser ended'));
      const ended = AbortSignal.any([showing.signal, lost.signal]);
      browser.once('disconnected', lose);
      current = showing;
      try {
        return await untilAborted(work(await untilAborted(open(lose), ended)), ended);
      } catch (error) {
        isBroken = true;
        if (showing.signal.aborted) throw showing.signal.reason;
        throw browser.isConnected() ? error : new PageLost('the browser ended', { cause: error });
      } finally {
        browser.off('disconnected', lose);
        current = null;
        shown += 1;
        await closePages(context).catch(() => (isBroken = true));
      }
    },
    close: () => within(context.close(), CLOSE_MS),
  };
}

async function closePages(context: BrowserContext): Promise<void> {
  await within(Promise.all(context.pages().map((page) => page.close())), CLOSE_MS);
}

/** What a screenshot shows; many sites lay out by it. */
const VIEWPORT = { width: 1280, height: 800 };
/** A page whose scripts never end is closed by force after half a second of it. */
const CLOSE_MS = 3000;
