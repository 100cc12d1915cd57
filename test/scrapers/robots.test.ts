import { describe, expect, it } from 'vitest';
import { robotsRules } from '../../src/scrapers/robots.ts';

const rules = (text: string, status = 200) =>
  robotsRules({ status, body: new TextEncoder().encode(text) }, 'https://example.org/robots.txt');

describe('robotsRules', () => {
  it('takes the rules for everyone, and those for this crawler before them', () => {
    const everyone = rules('User-agent: *\nDisallow: /private\nCrawl-delay: 0.02\nSitemap: https://example.org/s.xml');
    expect(everyone.allows('https://example.org/private/x')).toBe(false);
    expect(everyone.allows('https://example.org/x')).toBe(true);
    expect([everyone.delayMs, everyone.sitemaps]).toEqual([20, ['https://example.org/s.xml']]);
    const own = rules('User-agent: *\nDisallow: /\n\nUser-agent: Seine\nDisallow: /x\nCrawl-delay: 3600');
    expect([own.allows('https://example.org/'), own.allows('https://example.org/x'), own.delayMs]).toEqual([
      true,
      false,
      60_000,
    ]);
  });

  it('lets everything be fetched where there is no file, and nothing where it cannot be read', () => {
    expect(rules('gone', 404)).toMatchObject({ isKnown: true, delayMs: null });
    expect(rules('gone', 404).allows('https://example.org/x')).toBe(true);
    expect(rules('User-agent: *', 503).isKnown).toBe(false);
    expect(rules('User-agent: *', 503).allows('https://example.org/x')).toBe(false);
  });
});
