import { describe, expect, it } from 'vitest';
import { robotsRules } from '../../src/scrapers/robots.ts';

const rules = (text: string, status = 200) =>
  robotsRules({ status, headers: {}, body: new TextEncoder().encode(text) });
const site = 'https://example.org';
const everyone = (text: string) => {
  const robots = rules(`User-agent: *\n${text}`);
  return (path: string) => robots.allows(site + path);
};

describe('robotsRules', () => {
  it('takes the rules for everyone, and those for this crawler before them', () => {
    const all = rules('User-agent: *\nDisallow: /private\nCrawl-delay: 0.02\nSitemap: https://example.org/s.xml');
    expect(all.allows(`${site}/private/x`)).toBe(false);
    expect(all.allows(`${site}/x`)).toBe(true);
    expect([all.delayMs, all.sitemaps]).toEqual([20, ['https://example.org/s.xml']]);
    const own = rules('User-agent: *\nDisallow: /\n\nUser-agent: Seine/1.0\nDisallow: /x\nCrawl-delay: 3600');
    expect([own.allows(`${site}/`), own.allows(`${site}/x`), own.delayMs]).toEqual([true, false, 60_000]);
  });

  it('joins the groups of one crawler, and crawlers of one group', () => {
    const robots = rules(
      'User-agent: seine\nUser-agent: other\nDisallow: /a\n\nUser-agent: third\nDisallow: /b\nuser-agent: SEINE\ndisallow: /c',
    );
    expect(['/a', '/b', '/c'].map((path) => robots.allows(site + path))).toEqual([false, true, false]);
    expect(rules('User-agent: seinecrawler\nDisallow: /').allows(`${site}/`)).toBe(true);
  });

  it('lets the longest pattern decide, and of two as long the one that allows', () => {
    const allows = everyone('Disallow: /\nAllow: /p\nDisallow: /p/x\nDisallow: /same\nAllow: /same');
    expect(['/', '/p', '/p/x/y', '/same', '/robots.txt'].map(allows)).toEqual([false, true, false, true, true]);
    expect(everyone('Disallow:')('/x')).toBe(true);
  });

  it('knows asterisks and the anchor', () => {
    const allows = everyone('Disallow: /*.gif$\nDisallow: /a*b*c\nDisallow: /exact$\nDisallow: *end$');
    const paths = ['/x.gif', '/x.gif?a', '/a1b2c3', '/acb', '/exact', '/exactly', '/the-end', '/end/'];
    expect(paths.map(allows)).toEqual([false, true, false, true, false, true, false, true]);
    expect(everyone('Disallow: /aa*a$')('/aa')).toBe(true);
  });

  it('compares paths however they are escaped', () => {
    const allows = everyone('Disallow: /ü\nDisallow: /%7euser\nDisallow: /a%2fb # a comment');
    expect(['/ü', '/%C3%BC', '/%c3%bc', '/~user', '/%7Euser', '/a%2Fb', '/a/b'].map(allows)).toEqual([
      ...[false, false, false, false, false],
      ...[false, true],
    ]);
  });

  it('lets everything be fetched where there is no file, and nothing where it cannot be read', () => {
    expect(rules('gone', 404)).toMatchObject({ isKnown: true, delayMs: null });
    expect(rules('gone', 404).allows(`${site}/x`)).toBe(true);
    for (const status of [429, 500, 503]) {
      expect(rules('User-agent: *', status).isKnown).toBe(false);
      expect(rules('User-agent: *', status).allows(`${site}/x`)).toBe(false);
    }
  });

  it('reads half a megabyte, whatever it holds', () => {
    const at = (bytes: number) => rules(`User-agent: *\n#${'x'.repeat(bytes)}\nDisallow: /`).allows(`${site}/`);
    expect([at(500 * 1024), at(600 * 1024)]).toEqual([false, true]);
    const slow = everyone(`Disallow: /${'*a'.repeat(200_000)}b`);
    expect(slow(`/${'a'.repeat(2000)}`)).toBe(true);
    expect(rules(`User-agent: *\nDisallow: /${' '.repeat(400_000)}x`).allows(`${site}/`)).toBe(true);
  });
});
