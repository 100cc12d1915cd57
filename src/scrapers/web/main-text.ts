import { createRequire } from 'node:module';
import { Readability } from '@mozilla/readability';
import type { CheerioAPI } from 'cheerio';
import type { Media } from '../../core/record.ts';
import { cleanLine, cleanText } from './clean-text.ts';
import { isFurniture, isSelfLink } from './content-tree.ts';
import { imagesOf } from './media.ts';
import { plainText } from './plain-text.ts';
import type { TextNode } from './plain-text.ts';
import { statedContent } from './stated-content.ts';

/** Name and version of what finds the main text; part of a row's provenance, because another version may find another text. */
export const EXTRACTOR = 'web-2';

export interface MainText {
  /** NFC, without markup; without the heading that is the title. */
  text: string;
  /** Images of the main content. */
  media: Media[];
}

/**
 * The main text of an HTML document: what the page itself says is its text (see `statedContent`), else what Mozilla's Readability 0.6.0 takes for it. The
 * same markup gives the same text, and nothing is run or loaded. Null when there is none. Takes the document over: elements that carry no text
 * are removed from it.
 *
 * Readability alone leaves out headings, lists and tables by the names of their classes. It works on the small DOM that it ships with (JSDOMParser), a tenth
 * of the cost of jsdom and the same text on 60 of 60 pages; that DOM reads only well-formed markup, so the document is written as such first.
 * @param $ bounded in size and depth by the caller
 * @param base what relative URLs stand on
 * @param title of the page, one line
 */
export function mainText($: CheerioAPI, base: string, title: string | null): MainText | null {
  const stated = statedContent($.root()[0] as unknown as MarkupNode);
  const found = stated === null ? readable($, base) : { content: stated.tree, images: stated.images };
  if (found === null) return null;
  const text = withoutTitle(cleanText(plainText(found.content)), title);
  return text === '' ? null : { text, media: imagesOf(found.images, base) };
}

function withoutTitle(text: string, title: string | null): string {
  const end = text.indexOf('\n');
  return title !== null && end !== -1 && cleanLine(text.slice(0, end), 500) === title
    ? text.slice(end).trimStart()
    : text;
}

interface Found {
  content: TextNode;
  /** `src` as written. */
  images: string[];
}

/** The part of a DOM element that is read here. */
interface ContentElement extends TextNode {
  getElementsByTagName(name: string): ArrayLike<{ getAttribute(name: string): string | null }>;
}

function readable($: CheerioAPI, base: string): Found | null {
  const parser = new JSDOMParser();
  parser.error = () => undefined;
  const article = new Readability<ContentElement>(parser.parse(wellFormed($), base), {
    serializer: (content) => content as unknown as ContentElement,
    disableJSONLD: true,
  }).parse();
  if (article?.content == null) return null;
  const images = Array.from(article.content.getElementsByTagName('img'));
  return { content: article.content, images: images.map((image) => image.getAttribute('src') ?? '') };
}

function wellFormed($: CheerioAPI): string {
  // Node by node, not by selectors: those walk the whole tree once for each, and `contents()` takes the square of it.
  const open = $.root().toArray() as MarkupNode[];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    const { name, attribs } = node;
    if (name !== undefined && attribs !== undefined) {
      if (!XML_NAME.test(name)) node.name = 'span';
      for (const key of Object.keys(attribs)) if (!XML_NAME.test(key)) Reflect.deleteProperty(attribs, key);
      // Readability drops headings by these, such as one of a section about `headers`.
      if (HEADING.test(name)) for (const key of ['id', 'class']) Reflect.deleteProperty(attribs, key);
    }
    const isBody = name === 'body';
    node.children &&= node.children.filter((child) => child.type !== 'comment' && !isDropped(child, isBody));
    open.push(...(node.children ?? []));
  }
  return $.xml();
}

/** A footer may be that of an article, which Readability judges; that of the whole page is none of its text. */
function isDropped(node: MarkupNode, isInBody: boolean): boolean {
  const { name, attribs } = node;
  if (name === undefined || attribs === undefined) return false;
  return name === 'footer' ? isInBody : isFurniture(name, attribs) || isSelfLink(node);
}

/** The part of a parsed node that is changed here. */
interface MarkupNode {
  type: string;
  name?: string;
  attribs?: Record<string, string>;
  data?: string;
  children?: MarkupNode[];
}

const XML_NAME = /^[a-z][\w.-]*$/i;
const HEADING = /^h[1-6]$/;

interface Parser {
  /** Called on markup that is not well-formed; parsing goes on. */
  error: (message: string) => void;
  parse(markup: string, url: string): Document;
}

// The package has neither an export nor types for it.
const JSDOMParser = createRequire(import.meta.url)('@mozilla/readability/JSDOMParser.js') as new () => Parser;
