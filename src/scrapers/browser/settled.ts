import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Page } from 'playwright-core';

/** What a page asked for and was given; what was refused does not count, so that a page that keeps trying is not waited for. */
export interface Traffic {
  /** Requests that are being answered. */
  open: number;
  /** Requests that were ever let through. */
  served: number;
}

/** To be run in a page before its own scripts; `untilSettled` relies on it. */
export const IN_PAGE_SCRIPT = readFileSync(new URL('in-page.mjs', import.meta.url), 'utf8');

/**
 * Waits until a page shows what it has to show. That is when, for 100 ms, no request was open, the document did not change, and no short timer is
 * still to fire (a script that loads text a little later counts as work that is not done); a page with hardly any text gets a second of
 * silence. A page that never falls silent is taken as it is after 3 s, without text after 10 s.
 * Rejects only where the page is gone.
 */
export async function untilSettled(page: Page, traffic: Traffic): Promise<void> {
  const startedMs = performance.now();
  let capMs = TEXT_CAP_MS;
  for (;;) {
    const leftMs = startedMs + capMs - performance.now();
    if (leftMs <= 0) return;
    const served = traffic.served;
    const units = await untilStill(page, leftMs);
    const hasText = units >= ENOUGH_TEXT;
    if (!hasText) capMs = TEXTLESS_CAP_MS;
    while (traffic.open > 0 && performance.now() - startedMs < capMs) await sleep(LOOK_MS);
    if (served === traffic.served && units !== NAVIGATED) return;
  }
}

/** UTF-16 units of text, or NAVIGATED where another document took the page meanwhile. */
async function untilStill(page: Page, capMs: number): Promise<number> {
  const rule = { silentMs: SILENT_MS, textlessMs: TEXTLESS_MS, enoughText: ENOUGH_TEXT, capMs };
  const still = page.evaluate(`window.__untilStill?.(${JSON.stringify(rule)}) ?? 0`).catch((error: unknown) => {
    if (page.isClosed()) throw error;
    return NAVIGATED;
  });
  // What runs in the page may have been tampered with by its scripts.
  const units = await Promise.race([still, sleep(capMs + GRACE_MS, 0, { ref: false })]);
  if (units === NAVIGATED) await sleep(LOOK_MS);
  return Number(units);
}

const SILENT_MS = 100;
const TEXTLESS_MS = 1000;
const TEXT_CAP_MS = 3000;
const TEXTLESS_CAP_MS = 10_000;
/** UTF-16 units. */
const ENOUGH_TEXT = 200;
const LOOK_MS = 10;
const GRACE_MS = 500;
const NAVIGATED = -1;
