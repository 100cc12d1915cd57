import type { Route } from 'playwright-core';
import type { FetchedPage, GuardedFetch } from '../../net/guarded-fetch.ts';
import type { Traffic } from './settled.ts';

/** One page while it is shown: what it may load, and what it has loaded. */
export interface Showing extends Traffic {
  /** Fetched before the browser is asked: the document itself. */
  first: FetchedPage;
  fetch: GuardedFetch;
  allowHosts: readonly string[];
  /** Ends what the page still loads. */
  signal: AbortSignal;
  /** Of all answers together. */
  loadedBytes: number;
}

/** Gives the browser what it asks for by way of the guarded client; only GETs of what shapes a document's text, from allowed hosts. */
export async function answer(route: Route, showing: Showing): Promise<void> {
  const request = route.request();
  const url = request.url();
  const isWanted = request.method() === 'GET' && LOADED.has(request.resourceType());
  const hasRoom = showing.served < MOST_REQUESTS && showing.loadedBytes < MOST_BYTES;
  if (!isWanted || !hasRoom || showing.signal.aborted || !isAllowed(url, showing)) return refuse(route);
  showing.served += 1;
  showing.open += 1;
  try {
    const isDocument = request.isNavigationRequest() && url === showing.first.url;
    const page = isDocument ? showing.first : await load(url, request.headers(), showing);
    if (!isAllowed(page.url, showing)) return await refuse(route);
    showing.loadedBytes += page.body.length;
    await route.fulfill({ status: page.status, headers: asDecoded(page.headers), body: Buffer.from(page.body) });
  } catch {
    // The page may be gone by now, and then nobody waits for the answer.
    await route.abort('failed').catch(() => undefined);
  } finally {
    showing.open -= 1;
  }
}

/** Ends a request without an answer. */
export async function refuse(route: Route): Promise<void> {
  await route.abort('blockedbyclient').catch(() => undefined);
}

function load(url: string, asked: Readonly<Record<string, string>>, showing: Showing): Promise<FetchedPage> {
  const headers = Object.fromEntries(Object.entries(asked).filter(([name]) => PASSED_HEADERS.has(name)));
  return showing.fetch(url, { headers: { accept: '*/*', ...headers }, signal: showing.signal });
}

function isAllowed(url: string, { allowHosts }: Showing): boolean {
  return /^https?:/i.test(url) && URL.canParse(url) && allowHosts.includes(new URL(url).host);
}

/** Headers that fit a body whose encodings have been undone, that is shown and not saved, to a visitor who keeps no cookies. */
function asDecoded(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !DROPPED_HEADERS.has(name)));
}

const LOADED = new Set(['document', 'script', 'xhr', 'fetch', 'stylesheet', 'other']);
/** Of what the browser would have sent; no cookies, so that a page looks as it does to a first visitor. */
const PASSED_HEADERS = new Set(['accept', 'origin', 'referer', 'x-requested-with']);
const DROPPED_HEADERS = new Set([
  'connection',
  'content-disposition',
  'content-encoding',
  'content-length',
  'keep-alive',
  'set-cookie',
  'transfer-encoding',
]);
/** A large application loads some 200 scripts; a page that reloads itself for ever stops here. */
const MOST_REQUESTS = 500;
/** Ten times what a heavy page's scripts and data weigh. */
const MOST_BYTES = 100_000_000;
