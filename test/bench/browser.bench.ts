/**
 * How many pages of a site with scripts a browser shows in a second, in turns with a bare Playwright loop that blocks the same requests, waits by
 * the same rule and opens as many pages at once: node --import tsx test/bench/browser.bench.ts [--json] [--rows pages]
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import type { Browser, BrowserContext } from 'playwright-core';
import { createGuardedFetch } from '../../src/net/guarded-fetch.ts';
import { openBrowserPool } from '../../src/scrapers/browser/pool.ts';
import { IN_PAGE_SCRIPT, untilSettled } from '../../src/scrapers/browser/settled.ts';
import { openSharedBrowser } from '../../src/scrapers/browser/shared-browser.ts';
import { resolveChromium } from '../../stack/browser.ts';
import { runBench } from './bench-args.ts';
import { inTurns, timed } from './in-turns.ts';

const PAGES_AT_ONCE = 4;
const LOADED = new Set(['document', 'script', 'xhr', 'fetch', 'stylesheet', 'other']);
const executablePath = resolveChromium(process.env);

/** Shows all pages, some at once, and checks that each has the text that its script loaded. */
async function showAll(count: number, show: (index: number) => Promise<string>): Promise<void> {
  let next = 0;
  const work = async (): Promise<void> => {
    for (let index = next++; index < count; index = next++) {
      if (!(await show(index)).includes(`Text ${index} `)) throw new Error(`page ${index} was shown without its text`);
    }
  };
  await Promise.all(Array.from({ length: PAGES_AT_ONCE }, work));
}

async function openPeer(): Promise<{ browser: Browser; contexts: BrowserContext[] }> {
  const browser = await chromium.launch({ executablePath, headless: true, chromiumSandbox: process.getuid?.() !== 0 });
  const contexts = await Promise.all(Array.from({ length: PAGES_AT_ONCE }, () => browser.newContext()));
  for (const context of contexts) await context.addInitScript(IN_PAGE_SCRIPT);
  return { browser, contexts };
}

/** A page of the peer: a context that is used again, a new page in it, the same requests blocked. */
async function showBare(context: BrowserContext, url: string): Promise<string> {
  const traffic = { open: 0, served: 0 };
  const page = await context.newPage();
  try {
    await page.route('**/*', async (route) => {
      const request = route.request();
      if (request.method() !== 'GET' || !LOADED.has(request.resourceType())) return route.abort();
      traffic.served += 1;
      traffic.open += 1;
      await route.continue();
    });
    const end = (): void => void (traffic.open -= 1);
    page.on('requestfinished', end);
    await page.goto(url, { waitUntil: 'domcontentloaded' });
    await untilSettled(page, traffic);
    return await page.content();
  } finally {
    await page.close();
  }
}

await runBench(60, async (count) => {
  const site = spawn(process.execPath, ['--import', 'tsx', join(import.meta.dirname, 'peers', 'scripted-site.ts')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [line] = (await once(site.stdout, 'data')) as [Buffer];
  const host = line.toString().trim();
  const browser = openSharedBrowser({ executablePath, pages: PAGES_AT_ONCE, userAgent: 'bench', log: () => undefined });
  const fetch = createGuardedFetch({ allowPrivate: [host], userAgent: 'bench' });
  const pool = openBrowserPool({ browser, fetch, allowHosts: [host] });
  const peer = await openPeer();
  const idle = [...peer.contexts];
  try {
    const seconds = await inTurns({
      ours: timed(() =>
        showAll(count, async (index) => new TextDecoder().decode((await pool.render(`http://${host}/${index}`)).body)),
      ),
      peer: timed(() =>
        showAll(count, async (index) => {
          const context = idle.pop();
          if (context === undefined) throw new Error('no context is free');
          return await showBare(context, `http://${host}/${index}`).finally(() => idle.push(context));
        }),
      ),
    });
    const rates = { ours: count / seconds.ours, peer: count / seconds.peer };
    return [{ name: 'pages by browser', unit: 'pages/s', ...rates, peerName: 'bare Playwright', target: 0.9 }];
  } finally {
    await Promise.all([browser.close(), peer.browser.close()]);
    site.kill();
  }
});
