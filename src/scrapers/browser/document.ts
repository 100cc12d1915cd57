import type { Page } from 'playwright-core';
import { BodyTooLargeError } from '../../net/fetch-errors.ts';
import type { OpenPage } from './lane.ts';

/**
 * The document as it is now, as UTF-8 HTML. It is measured before it is written out, and read in a world of its own, where scripts of the page have
 * changed nothing. Throws BodyTooLargeError.
 */
export async function readDocument({ page, session }: OpenPage, maxBodyBytes: number): Promise<Uint8Array> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const { frameTree } = await session.send('Page.getFrameTree');
      const world = await session.send('Page.createIsolatedWorld', { frameId: frameTree.frame.id });
      const { result } = await session.send('Runtime.evaluate', {
        contextId: world.executionContextId,
        expression: `(${READ})(${maxBodyBytes})`,
        returnByValue: true,
      });
      const body = typeof result.value === 'string' ? new TextEncoder().encode(result.value) : null;
      if (body === null || body.length > maxBodyBytes) throw new BodyTooLargeError(page.url(), maxBodyBytes);
      return body;
    } catch (error) {
      // Another document may have taken the page just then.
      if (error instanceof BodyTooLargeError || page.isClosed() || attempt >= ATTEMPTS) throw error;
      await page.waitForLoadState('domcontentloaded', { timeout: LOAD_MS });
    }
  }
}

/** What the viewport shows, as JPEG: a few hundred KB at most, since its pixels are bounded. Images and fonts of the site are not loaded. */
export async function takeScreenshot(page: Page): Promise<Uint8Array> {
  const image = await page.screenshot({ type: 'jpeg', quality: 70, animations: 'disabled', timeout: LOAD_MS });
  return new Uint8Array(image);
}

/** Runs in the page: its HTML, or null where that is longer than `most` UTF-16 units. Counts no more than what is written out. */
const READ = `(most) => {
  let units = 0;
  const roots = [document];
  for (let root = roots.pop(); root !== undefined; root = roots.pop()) {
    const walker = document.createTreeWalker(root);
    for (let node = walker.currentNode; node !== null; node = walker.nextNode()) {
      units += node.data?.length ?? 0;
      if (node.nodeType === Node.ELEMENT_NODE) {
        units += node.localName.length + 2;
        for (const { name, value } of node.attributes) units += name.length + value.length + 4;
        if (node instanceof HTMLTemplateElement) roots.push(node.content);
      }
      if (units > most) return null;
    }
  }
  const doctype = document.doctype === null ? '' : new XMLSerializer().serializeToString(document.doctype);
  const html = doctype + (document.documentElement?.outerHTML ?? '');
  return html.length > most ? null : html;
}`;
const ATTEMPTS = 3;
const LOAD_MS = 5000;
