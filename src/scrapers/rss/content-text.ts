import { load } from 'cheerio';
import { cleanText } from '../web/clean-text.ts';
import { plainText } from '../web/plain-text.ts';
import { parseMarkup } from '../markup/markup.ts';
import type { MarkupElement } from '../markup/markup.ts';

/** UTF-16 units that are kept of one entry's text, and read of its markup. */
export const MAX_TEXT_LENGTH = 200_000;
const MAX_HTML_LENGTH = 500_000;

/**
 * The text of an entry's HTML as a person reads it; null where there is none. HTML that was escaped once too often, so that its text is itself
 * HTML, is read once more.
 */
export function htmlText(html: string): string | null {
  const source = html.slice(0, MAX_HTML_LENGTH);
  const text = readHtml(source);
  const isEscapedTwice = !TAG.test(source) && CLOSING_TAG.test(text);
  return bounded(isEscapedTwice ? readHtml(text) : text);
}

/** The text of markup that was read already, such as the XHTML of an Atom entry, whose entities are decoded. */
export function elementText(element: MarkupElement): string | null {
  return bounded(plainText(element));
}

/** Text that is no markup. */
export function bounded(text: string): string | null {
  // A pair cut in two leaves its first half at the end.
  const short = cleanText(text.slice(0, MAX_TEXT_LENGTH).replace(/[\ud800-\udbff]$/, ''));
  return short === '' ? null : short;
}

function readHtml(html: string): string {
  const root = parseMarkup(html, 'html');
  return root === null ? '' : decodeEntities(plainText(root));
}

/** By the HTML parser's own table, which knows 2,000 of them; without tags its time is linear. */
function decodeEntities(text: string): string {
  return text.includes('&') ? load(text.replaceAll('<', '&lt;'), null, false).root().text() : text;
}

const TAG = /<[a-z!/]/i;
const CLOSING_TAG = /<\/(?:p|div|a|b|i|em|strong|ul|ol|li|h[1-6]|blockquote|pre|code|span|table|td)>|<br ?\/?>/i;
