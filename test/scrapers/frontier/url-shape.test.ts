import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fingerprint } from '../../../src/scrapers/frontier/fingerprint.ts';
import { KnownUrls } from '../../../src/scrapers/frontier/known-urls.ts';
import { packLinks } from '../../../src/scrapers/frontier/pack-links.ts';
import { urlShape, urlTrap } from '../../../src/scrapers/frontier/url-shape.ts';

const at = (rest: string): string => `https://a1.test:8080/${rest}`;

describe('urlShape', () => {
  it('is the same for what one template makes', () => {
    expect(urlShape(at('calendar/2024/07?view=day&page=3'))).toBe(at('calendar/0/0?page&view'));
    expect(urlShape(at('calendar/1999/12?page=11&view=week'))).toBe(at('calendar/0/0?page&view'));
    expect(urlShape(at('p12-x3'))).toBe(at('p0-x0'));
    expect(urlShape('https://a1.test')).toBe('https://a1.test');
  });
});

describe('urlTrap', () => {
  it('knows what a site makes without end', () => {
    const traps = [
      `${'x'.repeat(2049)}`,
      'a/b/a/b/a/b',
      'x/a/a/a/a',
      'a/b/c/d/a/b/c/d/a/b/c/d?q',
      'q?a&b&c&d&e&f&g&h&i&j&k',
    ];
    expect(traps.map((rest) => urlTrap(at(rest)))).toEqual([
      ...['url_too_long', 'repeated_segments', 'repeated_segments', 'repeated_segments', 'too_many_parameters'],
    ]);
    const pages = [
      '',
      'a/b/a/b',
      '2011/11/11/11',
      'a/a/a',
      'q?a&b&c&d&e&f&g&h&i&j',
      `${'x/y/'.repeat(2)}x?${'y'.repeat(1900)}`,
    ];
    expect(pages.map((rest) => urlTrap(at(rest)))).toEqual(pages.map(() => null));
  });

  it('finds any run of up to eight segments that is repeated, wherever it stands', () => {
    const segment = fc.constantFrom('a', 'b', 'c');
    const segments = fc.array(segment, { maxLength: 5 });
    fc.assert(
      fc.property(segments, fc.array(segment, { minLength: 2, maxLength: 8 }), segments, (before, run, after) => {
        expect(urlTrap(at([...before, ...run, ...run, ...run, ...after].join('/')))).toBe('repeated_segments');
      }),
    );
  });
});

describe('packLinks', () => {
  it('sends each URL once, at its best place, and none that is known or a trap', () => {
    const known = new KnownUrls(10);
    known.add(at('known'));
    const found = [
      { url: at('a'), depth: 3 },
      { url: at('known'), depth: 1 },
      { url: at('a'), depth: 1 },
      { url: at('a/b/a/b/a/b'), depth: 1 },
      { url: at('b'), depth: 5000, priority: 0 },
    ];
    const { links, passed, packed } = packLinks(found, known);
    expect([links, passed]).toEqual([[at('a'), at('b')], { 'passed:repeated_segments': 1 }]);
    const values = JSON.parse(packed) as unknown[];
    expect([values.length, values[0], values[2], values[6]]).toEqual([8, fingerprint(at('a')), 5001, 999]);
  });
});

describe('fingerprint', () => {
  it('is the xxHash64 of the URL as a signed integer', () => {
    // Reference values of XXH64 with seed 0.
    expect(fingerprint('')).toBe(BigInt.asIntN(64, 0xef46db3751d8e999n).toString());
    expect(fingerprint('abc')).toBe(BigInt.asIntN(64, 0x44bc2cf5ad770999n).toString());
  });
});

describe('KnownUrls', () => {
  it('remembers the latest, forgets the oldest and never takes a new one for known', () => {
    const known = new KnownUrls(100);
    for (let place = 0; place < 1000; place += 1) {
      expect(known.has(`u${place}`)).toBe(false);
      known.add(`u${place}`);
    }
    expect([known.has('u0'), known.has('u950'), known.has('u999')]).toEqual([false, true, true]);
  });
});
