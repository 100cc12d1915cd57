import { describe, expect, it } from 'vitest';
import { SeineError } from '../../src/core/errors.ts';
import { classifyAddress } from '../../src/net/address-guard.ts';
import { parseMarkup } from '../../src/scrapers/markup/markup.ts';
import { parseFeed } from '../../src/scrapers/rss/parse-feed.ts';
import { parseFeedTime } from '../../src/scrapers/rss/feed-time.ts';
import { canonicalizeUrl } from '../../src/scrapers/web/canonical-url.ts';
import { cleanLine, cleanText } from '../../src/scrapers/web/clean-text.ts';
import { decodeText } from '../../src/scrapers/web/decode-text.ts';
import { parseSitemap } from '../../src/scrapers/web/sitemap.ts';

/*
 * What reads foreign text must read much of anything: work that grows with the square takes minutes here instead of
 * milliseconds, and its test runs out of time.
 */
const SIZE = 300_000;

/** Runs that make patterns try again and again, each with an end that does not fit. */
const RUNS = [
  ...[
    ' ',
    '\n',
    '\t',
    '.',
    '-',
    '%',
    '&',
    '&#',
    '<',
    '</',
    '<!',
    '<a ',
    '<a b',
    '<a b=',
    '<a b="',
    "<a b='",
    '<!--',
    '<![CDATA[',
  ],
  ...[
    '<x>',
    '<x y="z">',
    '</x>',
    '<?',
    ']]',
    '(',
    '+00',
    '1',
    'a',
    'a.',
    'é',
    '\u0300',
    '\u200d',
    '"',
    "'",
    '=',
    '/',
    '\\',
    '[',
    '{',
  ],
  ...[
    'charset=',
    'charset= ',
    '<script>',
    '<rss><channel><item>',
    '<urlset><url><loc>',
    '&amp;',
    '&#x',
    ';',
    ':',
    'T00:00',
    '\u{1f468}\u200d',
  ],
];

const READERS: [string, (text: string) => unknown][] = [
  ['canonicalizeUrl', (text) => canonicalizeUrl(`https://${text}`)],
  ['canonicalizeUrl of a path', (text) => canonicalizeUrl(`https://example.org/${text}?${text}`)],
  ['classifyAddress', classifyAddress],
  ['cleanText', (text) => cleanText(text)],
  ['cleanLine', (text) => cleanLine(text, 200)],
  ['decodeText', (text) => decodeText(Buffer.from(text), text)],
  ['parseFeedTime', parseFeedTime],
  ['parseFeed', (text) => parseFeed(text, 'https://example.org/feed')],
  ['parseMarkup of HTML', (text) => parseMarkup(text, 'html')],
  ['parseMarkup of XML', (text) => parseMarkup(text, 'xml')],
  ['parseSitemap', (text) => parseSitemap(text)],
];

describe('adversarial text', () => {
  it.each(READERS)(
    '%s reads 300,000 characters of anything',
    (_, read) => {
      let texts = 0;
      for (const run of RUNS) {
        const text = `x${run.repeat(Math.ceil(SIZE / run.length))}\0`;
        try {
          read(text);
        } catch (error) {
          // What says that it can't read this has read it.
          if (!(error instanceof SeineError)) throw error;
        }
        texts += 1;
      }
      expect(texts).toBe(RUNS.length);
    },
    60_000,
  );
});
