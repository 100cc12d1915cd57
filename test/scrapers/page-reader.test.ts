import { afterAll, describe, expect, it } from 'vitest';
import type { FetchedPage } from '../../src/net/guarded-fetch.ts';
import { openPageReader } from '../../src/scrapers/web/page-reader.ts';
import { readPage } from '../../src/scrapers/web/read-page.ts';

const reader = openPageReader({ timeoutMs: 2000 });
afterAll(() => reader.close());

function fetched(html: string): FetchedPage {
  const url = 'https://example.org/page';
  const headers = { 'content-type': 'text/html' };
  return { requestedUrl: url, url, status: 200, headers, body: new TextEncoder().encode(html), redirects: [] };
}

const PLAIN = fetched(
  `<title>T</title><p>${'Some words, and then some more of them. '.repeat(10)}</p><a href="/x">x</a>`,
);

describe('a page reader', () => {
  it('reads what the calling thread reads', async () => {
    expect(await reader.read(PLAIN, 1, false)).toEqual(readPage(PLAIN, 1, false));
  });

  it('gives up a page that would take minutes, and reads the next', async () => {
    const endless = reader.read(fetched('<ul><li>'.repeat(100_000)), 1, false);
    const next = reader.read(PLAIN, 2, false);
    await expect(endless).rejects.toMatchObject({ name: 'PageTooComplex', remedy: 'never' });
    expect((await next).records).toHaveLength(1);
  });
});
