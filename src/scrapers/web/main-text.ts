import { createRequire } from 'node:module';
import { Readability } from '@mozilla/readability';
import type { CheerioAPI } from 'cheerio';
import type { Media } from '../../core/record.ts';
import { cleanText } from './clean-text.ts';
import { mediaOf } from './media.ts';
import type { ContentElement } from './media.ts';
import { plainText } from './plain-text.ts';

/** Name and version of what finds the main text; part of a row's provenance, because another version may find another text. */
export const EXTRACTOR = 'readability-0.6.0';

export interface MainText {
  /** NFC, without markup. */
  text: string;
  /** Images of the main content. */
  media: Media[];
}

/**
 * The main text of an HTML document by Mozilla's Readability; the same markup gives the same text, and nothing is run or
 * loaded. Null when there is none. Takes the document over: elements that carry no text are removed from it.
 *
 * Readability works on the small DOM that it ships with (JSDOMParser), a tenth of the cost of jsdom and the same text on 60 of
 * 60 pages; that DOM reads only well-formed markup, so the document is written as such first.
 * @param $ bounded in size and depth by the caller
 * @param base what relative URLs stand on
 */
export function mainText($: CheerioAPI, base: string): MainText | null {
  const parser = new JSDOMParser();
  parser.error = () => undefined;
  const article = new Readability<ContentElement>(parser.parse(wellFormed($), base), {
    serializer: (content) => content as unknown as ContentElement,
    disableJSONLD: true,
  }).parse();
  if (article?.content == null) return null;
  const text = cleanText(plainText(article.content));
  return text === '' ? null : { text, media: mediaOf(article.content, base) };
}

function wellFormed($: CheerioAPI): string {
  // Node by node, not by selectors: those walk the whole tree once for each, and `contents()` takes the square of it.
  const open = $.root().toArray() as MarkupNode[];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    const { name, attribs } = node;
    if (name !== undefined && attribs !== undefined) {
      if (!XML_NAME.test(name)) node.name = 'span';
      for (const key of Object.keys(attribs)) if (!XML_NAME.test(key)) Reflect.deleteProperty(attribs, key);
    }
    node.children &&= node.children.filter((child) => child.type !== 'comment' && !NO_TEXT.has(child.name ?? ''));
    open.push(...(node.children ?? []));
  }
  return $.xml();
}

/** The part of a parsed node that is changed here. */
interface MarkupNode {
  type: string;
  name?: string;
  attribs?: Record<string, string>;
  children?: MarkupNode[];
}

const XML_NAME = /^[a-z][\w.-]*$/i;
const NO_TEXT = new Set(
  'script style noscript template svg math iframe object embed canvas link meta base input'.split(' '),
);

interface Parser {
  /** Called on markup that is not well-formed; parsing goes on. */
  error: (message: string) => void;
  parse(markup: string, url: string): Document;
}

// The package has neither an export nor types for it.
const JSDOMParser = createRequire(import.meta.url)('@mozilla/readability/JSDOMParser.js') as new () => Parser;
