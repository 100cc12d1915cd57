import { hasWord } from './page-elements.ts';
import type { TextNode } from './plain-text.ts';

/** A parsed node as far as the search for a page's text needs it. */
export interface MarkupNode {
  readonly type: string;
  readonly name?: string;
  readonly attribs?: Readonly<Record<string, string>>;
  /** Of a text node. */
  readonly data?: string;
  readonly children?: readonly MarkupNode[];
}

/** The part of a page that is its text, what is no text left out. */
export interface ContentTree {
  tree: TextNode;
  /** Characters of text other than white space, and those of them that are links. */
  textLength: number;
  linkLength: number;
  /** `src` of images as written, in the order of the document. */
  images: string[];
}

/**
 * Copies a part of a page without what no one reads as its text: navigation, what is hidden, buttons, numbers beside code, links from a heading to
 * itself, lists of links beside the text. The caller bounds the depth.
 */
export function contentTree(root: MarkupNode): ContentTree {
  const content: ContentTree = { tree: textNode(''), textLength: 0, linkLength: 0, images: [] };
  content.tree = copy(root, false, content) ?? content.tree;
  return content;
}

function copy(node: MarkupNode, isLink: boolean, content: ContentTree): TextNode | null {
  const { type, name, attribs = {}, data = '', children = [] } = node;
  if (type === 'text') {
    const length = lengthOf(data);
    content.textLength += length;
    if (isLink) content.linkLength += length;
    return textNode(data);
  }
  if (name === undefined || isFurniture(name, attribs) || isSelfLink(node)) return null;
  if (name === 'img' && attribs['src'] !== undefined) content.images.push(attribs['src']);
  const { textLength, linkLength } = content;
  const images = content.images.length;
  const childNodes: TextNode[] = [];
  for (const child of children) {
    const copied = copy(child, isLink || name === 'a', content);
    if (copied !== null) childNodes.push(copied);
  }
  if (name === 'aside' && content.linkLength - linkLength > (content.textLength - textLength) / 2) {
    content.textLength = textLength;
    content.linkLength = linkLength;
    content.images.length = images;
    return null;
  }
  return { nodeType: 1, nodeName: name, textContent: null, childNodes };
}

function textNode(text: string): TextNode {
  return { nodeType: 3, nodeName: '#text', textContent: text, childNodes: [] };
}

function lengthOf(text: string): number {
  let length = 0;
  for (let index = 0; index < text.length; index += 1) if (text.charCodeAt(index) > 0x20) length += 1;
  return length;
}

/** Whether an element is there to use a page rather than to be read; so are those that say nothing as text. */
export function isFurniture(name: string, attribs: Readonly<Record<string, string>>): boolean {
  if (FURNITURE.has(name) || isHidden(attribs)) return true;
  const { role, class: classes } = attribs;
  if (role !== undefined && FURNITURE_ROLES.has(role.trim().toLowerCase())) return true;
  return classes !== undefined && FURNITURE_CLASSES.some((word) => classes.includes(word) && hasWord(classes, word));
}

function isHidden({ hidden, style, 'aria-hidden': aria }: Readonly<Record<string, string>>): boolean {
  return hidden !== undefined || aria === 'true' || (style !== undefined && HIDING.test(style));
}

/** Such as the ¶ behind a heading. */
export function isSelfLink({ name, attribs, children = [] }: MarkupNode): boolean {
  if (name !== 'a' || attribs?.['href']?.startsWith('#') !== true || children.length !== 1) return false;
  return SELF_MARKS.has(children[0]?.data?.trim() ?? '');
}

const FURNITURE = new Set(
  'nav footer button select input textarea datalist dialog script style noscript template svg math iframe object embed canvas link meta base'.split(
    ' ',
  ),
);
const FURNITURE_ROLES = new Set(
  'navigation search banner contentinfo complementary menu menubar toolbar dialog alertdialog'.split(' '),
);
/** Of documentation generators: the link of a heading to itself, numbers of lines beside code. */
const FURNITURE_CLASSES = ['headerlink', 'linenos', 'lineno', 'linenodiv'];
const HIDING = /(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden)/i;
const SELF_MARKS = new Set(['¶', '#', '§', '🔗', '🔗︎', '⚓']);
