import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readPage } from '../../src/scrapers/web/read-page.ts';
import { unpackedSitemap } from '../../src/scrapers/web/sitemap-body.ts';

const MAP = '<?xml version="1.0"?><urlset><url><loc>https://example.org/é</loc></url></urlset>';

const answer = (body: Uint8Array, type: string, url = 'https://example.org/sitemap.xml.gz') => ({
  requestedUrl: url,
  url,
  status: 200,
  headers: { 'content-type': type },
  body,
  redirects: [],
});

describe('a packed sitemap', () => {
  it.each([
    ['application/gzip', 'https://example.org/map'],
    ['application/x-gzip', 'https://example.org/map'],
    ['application/octet-stream', 'https://example.org/sitemap.xml.gz?x=1'],
    ['application/xml', 'https://example.org/SITEMAP.XML.GZ'],
  ])('is read as %s at %s', (type, url) => {
    expect(readPage(answer(gzipSync(MAP), type, url), 1, false).links).toEqual(['https://example.org/%C3%A9']);
  });

  it('may be an index', () => {
    const index = '<sitemapindex><sitemap><loc>https://example.org/a.xml.gz</loc></sitemap></sitemapindex>';
    expect(readPage(answer(gzipSync(index), 'application/gzip'), 1, false).feeds).toEqual([
      'https://example.org/a.xml.gz',
    ]);
  });

  it('that the server unpacked is read as it is', () => {
    const body = new TextEncoder().encode(MAP);
    expect(readPage(answer(body, 'application/xml'), 1, false).links).toEqual(['https://example.org/%C3%A9']);
  });

  it('holds nothing where it is a bomb, broken, cut or another file', () => {
    const bomb = gzipSync(Buffer.alloc(20_000_000, 0x20));
    expect(bomb.length).toBeLessThan(100_000);
    expect(unpackedSitemap(answer(bomb, 'application/gzip'))).toBeNull();
    const packed = gzipSync(MAP);
    for (const body of [packed.subarray(0, -9), Uint8Array.from([0x1f, 0x8b, 1, 2]), new Uint8Array()]) {
      expect(unpackedSitemap(answer(body, 'application/gzip'))).toBeNull();
    }
    expect(unpackedSitemap(answer(packed, 'application/octet-stream', 'https://example.org/a.tar'))).toBeNull();
  });

  it('may be much smaller than its text', () => {
    const urls = Array.from({ length: 20_000 }, (_, index) => `<url><loc>https://example.org/${index}</loc></url>`);
    const packed = gzipSync(`<urlset>${urls.join('')}</urlset>`);
    expect(readPage(answer(packed, 'application/gzip'), 1, false).links).toHaveLength(20_000);
  });
});
