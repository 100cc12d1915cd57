import type { TextNode } from '../web/plain-text.ts';

/** An element of XML or HTML; only its children hold text. */
export interface MarkupElement extends TextNode {
  /** With the usual prefix of its namespace, whatever the document calls it; see NAMESPACES. */
  readonly nodeName: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly childNodes: MarkupNode[];
  readonly parent: MarkupElement | null;
}

export interface MarkupText extends TextNode {
  readonly nodeType: typeof TEXT;
  readonly textContent: string;
}

export type MarkupNode = MarkupElement | MarkupText;

export function isElement(node: MarkupNode): node is MarkupElement {
  return node.nodeType === ELEMENT;
}

export interface MarkupOptions {
  /** @default MAX_NODES */
  maxNodes?: number;
  /** Whether text of nothing but white space is left out. @default false */
  skipsBlank?: boolean;
}

/**
 * Reads markup in one pass, in time and memory linear in its length, however it is nested: the usual parsers take the square of the depth.
 * Broken markup is read as far as it goes; elements deeper than MAX_DEPTH stand beside each other; what comes after `maxNodes` is left out.
 *
 * XML knows the five predefined entities and characters by number, no others. In HTML entities are left as they are.
 * @returns null for XML with declarations of its own in a DOCTYPE
 */
export function parseMarkup(
  text: string,
  kind: 'xml' | 'html',
  { maxNodes = MAX_NODES, skipsBlank = false }: MarkupOptions = {},
): MarkupElement | null {
  const isXml = kind === 'xml';
  const root: MarkupElement = elementOf('#root', {}, null);
  const open = [{ element: root, name: '', prefixes: NO_PREFIXES }];
  const top = () => open[open.length - 1] as (typeof open)[number];
  let nodes = 0;
  const add = (value: string) => {
    if (value === '' || (skipsBlank && value.trim() === '')) return;
    nodes += 1;
    top().element.childNodes.push({ nodeType: TEXT, nodeName: '#text', textContent: value, childNodes: [] });
  };

  let at = 0;
  while (at < text.length && nodes < maxNodes) {
    const start = text.indexOf('<', at);
    const until = start === -1 ? text.length : start;
    add(isXml ? decodeXml(text.slice(at, until)) : text.slice(at, until));
    if (start === -1) break;
    if (text.startsWith('<!--', start)) {
      at = after(text, '-->', start + 4);
    } else if (text.startsWith('<![CDATA[', start)) {
      at = after(text, ']]>', start + 9);
      add(text.slice(start + 9, text.startsWith(']]>', at - 3) ? at - 3 : at));
    } else if (text.startsWith('<!', start)) {
      at = after(text, '>', start);
      if (isXml && text.slice(start, at).includes('[')) return null;
    } else if (text.startsWith('<?', start)) {
      at = after(text, isXml ? '?>' : '>', start);
    } else if (text.startsWith('</', start)) {
      at = after(text, '>', start);
      const name = nameIn(text.slice(start + 2, Math.min(at - 1, start + 2 + MAX_NAME_LENGTH)).trim(), isXml);
      const index = open.findLastIndex((item) => item.name === name);
      if (index > 0) open.length = index;
    } else if (/[A-Za-z_]/.test(text[start + 1] ?? '')) {
      const tag = readTag(text, start, isXml);
      const parent = top();
      const prefixes = isXml ? prefixesOf(tag.attributes, parent.prefixes) : NO_PREFIXES;
      const element = elementOf(isXml ? qualified(tag.name, prefixes) : tag.name, tag.attributes, parent.element);
      parent.element.childNodes.push(element);
      nodes += 1;
      at = tag.end;
      const isRaw = !isXml && RAW.has(tag.name);
      if (isRaw) {
        const close = CLOSING[tag.name] as RegExp;
        close.lastIndex = at;
        at = close.test(text) ? after(text, '>', close.lastIndex) : text.length;
      } else if (!(isXml ? tag.isEmpty : VOID.has(tag.name)) && open.length < MAX_DEPTH) {
        open.push({ element, name: tag.name, prefixes });
      }
    } else {
      add('<');
      at = start + 1;
    }
  }
  return root;
}

/** The text under an element, markup left out. */
export function textOf(element: MarkupElement): string {
  return element.childNodes.map((node) => (isElement(node) ? textOf(node) : node.textContent)).join('');
}

/** Elements right below another one, by any of these names. */
export function childrenOf(element: MarkupElement, ...names: string[]): MarkupElement[] {
  return element.childNodes.filter(isElement).filter(({ nodeName }) => names.includes(nodeName));
}

function elementOf(
  nodeName: string,
  attributes: Readonly<Record<string, string>>,
  parent: MarkupElement | null,
): MarkupElement {
  return { nodeType: ELEMENT, nodeName, attributes, parent, textContent: null, childNodes: [] };
}

/** Just behind the next `mark`, or the end where there is none. */
function after(text: string, mark: string, from: number): number {
  const index = text.indexOf(mark, from);
  return index === -1 ? text.length : index + mark.length;
}

interface Tag {
  name: string;
  attributes: Record<string, string>;
  isEmpty: boolean;
  end: number;
}

function readTag(text: string, start: number, isXml: boolean): Tag {
  NAME.lastIndex = start + 1;
  const name = NAME.exec(text)?.[0] ?? '';
  const attributes = Object.create(null) as Record<string, string>;
  let at = start + 1 + name.length;
  let count = 0;
  for (;;) {
    // Not in the pattern of an attribute, which would take the square of a run of spaces.
    SPACE.lastIndex = at;
    SPACE.test(text);
    at = SPACE.lastIndex;
    if (at >= text.length || text[at] === '>' || text[at] === '<') break;
    ATTRIBUTE.lastIndex = at;
    const found = ATTRIBUTE.exec(text);
    if (found === null) {
      at += 1;
      continue;
    }
    at = ATTRIBUTE.lastIndex;
    const [, key = '', double, single, bare] = found;
    const value = double ?? single ?? bare ?? '';
    count += 1;
    if (count <= MAX_ATTRIBUTES) attributes[isXml ? key : key.toLowerCase()] ??= isXml ? decodeXml(value) : value;
  }
  const isClosed = text[at] === '>';
  return {
    name: nameIn(name.slice(0, MAX_NAME_LENGTH), isXml),
    attributes,
    isEmpty: text[at - 1] === '/',
    end: isClosed ? at + 1 : at,
  };
}

function nameIn(name: string, isXml: boolean): string {
  return isXml ? name : name.toLowerCase();
}

type Prefixes = Readonly<Record<string, string>>;

function prefixesOf(attributes: Readonly<Record<string, string>>, above: Prefixes): Prefixes {
  const declared = Object.keys(attributes).filter((key) => key === 'xmlns' || key.startsWith('xmlns:'));
  if (declared.length === 0 || Object.keys(above).length > MAX_PREFIXES) return above;
  const prefixes: Record<string, string> = Object.assign(Object.create(null), above) as Record<string, string>;
  for (const key of declared) {
    const usual = NAMESPACES.get((attributes[key] ?? '').trim());
    // A namespace that is not known here keeps the document's own prefix, except that nothing is its default one.
    prefixes[key.slice(6)] = usual ?? key.slice(6);
  }
  return prefixes;
}

function qualified(name: string, prefixes: Prefixes): string {
  const colon = name.indexOf(':');
  const [prefix, local] = colon === -1 ? ['', name] : [name.slice(0, colon), name.slice(colon + 1)];
  const usual = prefixes[prefix] ?? prefix;
  return usual === '' ? local : `${usual}:${local}`;
}

function decodeXml(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|(amp|lt|gt|quot|apos));/gi, (whole, decimal, hex, name) => {
    if (typeof name === 'string') return PREDEFINED[name] ?? whole;
    const code = typeof decimal === 'string' ? Number(decimal) : parseInt(String(hex), 16);
    return code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff) ? '\ufffd' : String.fromCodePoint(code);
  });
}

const ELEMENT = 1;
const TEXT = 3;
const MAX_DEPTH = 256;
/** 1,000 entries of some 60 elements and texts each, several times over. */
const MAX_NODES = 300_000;
const MAX_NAME_LENGTH = 100;
const MAX_ATTRIBUTES = 50;
const MAX_PREFIXES = 32;
const NO_PREFIXES: Prefixes = Object.create(null) as Prefixes;

const NAME = /[^\s<>/="']+/y;
const SPACE = /\s*/y;
const ATTRIBUTE = /([^\s=<>/"']+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s<>"']+)))?/y;
const PREDEFINED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** Namespaces by their usual prefix; '' for those whose elements go without. */
const NAMESPACES: ReadonlyMap<string, string> = new Map([
  ['http://www.w3.org/2005/Atom', 'atom'],
  ['http://purl.org/rss/1.0/', ''],
  ['http://my.netscape.com/rdf/simple/0.9/', ''],
  ['http://backend.userland.com/rss2', ''],
  ['http://www.w3.org/1999/xhtml', ''],
  ['http://www.sitemaps.org/schemas/sitemap/0.9', ''],
  ['http://www.w3.org/1999/02/22-rdf-syntax-ns#', 'rdf'],
  ['http://purl.org/rss/1.0/modules/content/', 'content'],
  ['http://purl.org/dc/elements/1.1/', 'dc'],
  ['http://purl.org/dc/terms/', 'dcterms'],
  ['http://search.yahoo.com/mrss/', 'media'],
  ['http://www.itunes.com/dtds/podcast-1.0.dtd', 'itunes'],
]);

const VOID = new Set('area base br col embed hr img input link meta param source track wbr'.split(' '));
/** Elements whose content is no markup. */
const CLOSING: Readonly<Record<string, RegExp>> = { script: /<\/script\b/gi, style: /<\/style\b/gi };
const RAW = new Set(Object.keys(CLOSING));
