import { load } from 'cheerio';
import { cleanText } from './clean-text.ts';
import { pageElements } from './page-elements.ts';
import { plainText } from './plain-text.ts';
import type { TextNode } from './plain-text.ts';

/**
 * The text of a piece of HTML, as APIs hand out posts: paragraphs apart, without markup, NFC. A link that shows its own address cut short
 * (`example.org/a/lo...`) is written out. Null where there is none, or too much markup to be a post's.
 */
export function htmlText(html: string): string | null {
  if (html.length > MAX_HTML_LENGTH || html.split('<').length > MAX_TAGS) return null;
  // Not by the HTML standard's parser, which may copy open tags into every paragraph: that takes the square of the length.
  const $ = load(html, { xml: { xmlMode: false, decodeEntities: true } }, false);
  if (pageElements($) === null) return null;
  for (const link of $('a[href]').toArray()) {
    const [shown, href = ''] = [$(link).text(), $(link).attr('href')];
    if (shown.endsWith('...') && href.startsWith(shown.slice(0, -3))) $(link).text(href);
  }
  const text = cleanText(plainText(textNode($.root()[0] as ParsedNode)));
  return text === '' ? null : text;
}

/** The part of a parsed node that is read here. */
interface ParsedNode {
  type: string;
  name?: string;
  data?: string;
  children?: ParsedNode[];
}

function textNode({ type, name, data, children = [] }: ParsedNode): TextNode {
  const childNodes = children.map(textNode);
  return { nodeType: type === 'text' ? 3 : 1, nodeName: name ?? '', textContent: data ?? null, childNodes };
}

/** UTF-16 units. */
const MAX_HTML_LENGTH = 500_000;
/** Opening and closing; what they nest costs the square of it. */
const MAX_TAGS = 10_000;
