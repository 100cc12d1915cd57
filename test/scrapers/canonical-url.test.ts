import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalizeUrl, isSameSite } from '../../src/scrapers/web/canonical-url.ts';

describe('canonicalizeUrl', () => {
  it.each([
    ['HTTP://Example.ORG:80/a/../b/./c#part', 'http://example.org/b/c'],
    ['https://example.org:443', 'https://example.org/'],
    ['https://example.org:8443/', 'https://example.org:8443/'],
    ['https://user:secret@example.org/x', 'https://example.org/x'],
    ['https://example.org./x', 'https://example.org/x'],
    ['https://example.org/?utm_source=a&q=1&UTM_Medium=b&fbclid=c', 'https://example.org/?q=1'],
    ['https://example.org/?utm%5Fsource=a', 'https://example.org/'],
    ['https://example.org/?', 'https://example.org/'],
    ['https://example.org/?b=2&a=1&b=1', 'https://example.org/?b=2&a=1&b=1'],
    ['https://example.org/%c3%a9?x=%2f', 'https://example.org/%C3%A9?x=%2F'],
    ['https://example.org/%73tart%2Ehtml?%71=%7e%2D%5f', 'https://example.org/start.html?q=~-_'],
    ['https://example.org/a/%2e%2E/b/%2e/c', 'https://example.org/b/c'],
    ['https://example.org/?%75tm_source=a&a%26b=%3d%20+', 'https://example.org/?a%26b=%3D%20+'],
    ['https://example.org/a%2fb%3fc%23d', 'https://example.org/a%2Fb%3Fc%23d'],
    ['https://example.org/%2573?x=%2541', 'https://example.org/%2573?x=%2541'],
    ['https://example.org/100%?x=%%373&y=%zz', 'https://example.org/100%25?x=%2573&y=%25zz'],
    ['https://bücher.example/', 'https://xn--bcher-kva.example/'],
  ])('%s is %s', (url, expected) => {
    expect(canonicalizeUrl(url)).toBe(expected);
  });

  it.each([
    'ftp://example.org/',
    'mailto:a@example.org',
    'javascript:alert(1)',
    'data:text/plain,x',
    '',
    '//example.org',
  ])('refuses %s', (url) => {
    expect(canonicalizeUrl(url)).toBeNull();
  });

  it('resolves against a base, and refuses what is too long', () => {
    expect(canonicalizeUrl('../x?gclid=1', 'https://example.org/a/b/')).toBe('https://example.org/a/x');
    expect(canonicalizeUrl(`https://example.org/${'a'.repeat(2048)}`)).toBeNull();
  });

  it('is idempotent', () => {
    const part = fc.string({ unit: fc.constantFrom(...'aZ09%/.?&=#:@_-+é~ ;utm_') });
    fc.assert(
      fc.property(fc.oneof(fc.webUrl({ withQueryParameters: true, withFragments: true }), part), (text) => {
        const url = text.startsWith('http') ? text : `https://example.org/${text}`;
        const once = canonicalizeUrl(url);
        if (once !== null) expect(canonicalizeUrl(once)).toBe(once);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('canonicalizeUrl, of escapes', () => {
  const unreserved = [...'ABCXYZabcxyz0189-._~'];
  const letters = fc.array(fc.constantFrom(...unreserved), { minLength: 1, maxLength: 12 });
  const escaped = (character: string, upper: boolean): string => {
    const digits = character.charCodeAt(0).toString(16);
    return `%${upper ? digits.toUpperCase() : digits}`;
  };

  it('gives one id to every spelling of what needs no escape', () => {
    fc.assert(
      fc.property(letters, fc.array(fc.constantFrom('plain', 'lower', 'upper'), { minLength: 12 }), (all, how) => {
        const plain = `x${all.join('')}`;
        const spelt = `x${all.map((c, at) => (how[at] === 'plain' ? c : escaped(c, how[at] === 'upper'))).join('')}`;
        const url = (text: string): string => `https://example.org/${text}?${text}=${text}`;
        expect(canonicalizeUrl(url(spelt))).toBe(canonicalizeUrl(url(plain)));
      }),
    );
  });

  it('leaves every other escape an escape, in upper case, and once', () => {
    for (let code = 0; code < 256; code++) {
      const escape = `%${code.toString(16).padStart(2, '0')}`;
      const character = String.fromCharCode(code);
      const expected = /[A-Za-z0-9._~-]/.test(character) ? character : escape.toUpperCase();
      expect(canonicalizeUrl(`https://example.org/x${escape}y?q=${escape}`)).toBe(
        `https://example.org/x${expected}y?q=${expected}`,
      );
    }
  });
});

describe('isSameSite', () => {
  it.each([
    ['https://www.example.org/', 'http://example.org/x', true],
    ['https://example.org/', 'https://example.org/', true],
    ['https://a.example.org/', 'https://b.example.org/', false],
    ['https://example.org/', 'https://notexample.org/', false],
    ['https://example.org/', 'https://org/', false],
    ['http://127.0.0.1:1/', 'http://127.0.0.1:2/', false],
    ['http://127.0.0.1:1/', 'http://127.0.0.1:1/', true],
    ['http://1.127.0.0/', 'http://127.0.0.1/', false],
    ['http://a.localhost/', 'http://localhost/', false],
  ])('%s may name %s: %s', (url, canonical, expected) => {
    expect(isSameSite(url, canonical)).toBe(expected);
  });
});
