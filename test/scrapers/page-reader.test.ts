import { afterAll, describe, expect, it } from 'vitest';
import type { FetchedPage } from '../../src/net/guarded-fetch.ts';
import { openPageReader } from '../../src/scrapers/page-reader.ts';
import { PUBLIC_ORIGINS } from '../../src/scrapers/sources.ts';
import { readPage } from '../../src/scrapers/web/read-page.ts';

// With the usual deadline: a thread's first page loads tables of languages, which takes seconds on a busy machine.
const reader = openPageReader({ origins: PUBLIC_ORIGINS, threads: 1 });
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
    expect(await reader.read('web', PLAIN, 1, false)).toEqual(readPage(PLAIN, 1, false));
  });

  it('gives up a page that would take minutes, and reads the next', async () => {
    const endless = reader.read('web', fetched('<ul><li>'.repeat(100_000)), 1, false);
    const next = reader.read('web', PLAIN, 2, false);
    await expect(endless).rejects.toMatchObject({ name: 'PageTooComplex', remedy: 'never' });
    expect((await next).records).toHaveLength(1);
  });

  it('hands on what a source says of an answer that is none', async () => {
    const nonsense = { ...fetched('<p>maintenance</p>'), url: 'https://hacker-news.firebaseio.com/v0/item/1.json' };
    const reading = reader.read('hackernews', nonsense, 1, false);
    await expect(reading).rejects.toMatchObject({ name: 'UnreadableAnswer', remedy: 'retry' });
    expect((await reader.read('web', PLAIN, 1, false)).records).toHaveLength(1);
  });

  it('rejects what waits when it is closed', async () => {
    const other = openPageReader({ origins: PUBLIC_ORIGINS, threads: 2 });
    const readings = [1, 2, 3].map((at) => other.read('web', PLAIN, at, false));
    const rejected = { name: 'PageUnread', remedy: 'retry', message: expect.stringMatching(/closed/) as string };
    await Promise.all([other.close(), ...readings.map((reading) => expect(reading).rejects.toMatchObject(rejected))]);
  });

  it('blames no page for a thread that did not start', async () => {
    const script = new URL('data:text/javascript,for (;;) {}');
    const slow = openPageReader({ origins: PUBLIC_ORIGINS, threads: 1, startMs: 50, script });
    const readings = [1, 2].map((at) => slow.read('web', PLAIN, at, false));
    const rejected = { name: 'PageUnread', remedy: 'retry' };
    await Promise.all(readings.map((reading) => expect(reading).rejects.toMatchObject(rejected)));
    await slow.close();
  });
});
