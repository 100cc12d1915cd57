import type { CheerioAPI } from 'cheerio';

/** An element as far as it is read for what a page states and links to. */
export interface PageElement {
  readonly name: string;
  readonly attribs: Readonly<Record<string, string>>;
  readonly parent: PageElement | null;
  /** The text under it. */
  text(): string;
}

export interface PageElements {
  /** Elements of these names, in the order of the document. */
  named(...names: string[]): readonly PageElement[];
  /** Elements that say by `itemprop`, `rel` or a microformat's class what they are, in the order of the document. */
  readonly marked: readonly PageElement[];
}

/** Deep or vast trees would cost a later step its stack or minutes; the walk here needs neither. */
const MAX_DEPTH = 256;
const MAX_NODES = 60_000;

/** Names of elements that state or link something. */
const NAMES = new Set(['a', 'area', 'article', 'base', 'h1', 'html', 'link', 'meta', 'script', 'time', 'title']);

/** Classes by which hAtom, hCard and h-entry (microformats.org) name dates and authors. */
const MICROFORMATS = /(?:^|\s)(?:published|dt-published|fn|p-author)(?:\s|$)/;

interface MarkupNode {
  name?: string;
  attribs?: Record<string, string>;
  parent: MarkupNode | null;
  children?: MarkupNode[];
}

/** What a page has of these elements, by one walk; a query for each would walk the whole tree every time. Null for a tree that is too deep or vast. */
export function pageElements($: CheerioAPI): PageElements | null {
  const found: PageElement[] = [];
  const marked: PageElement[] = [];
  const open = ($.root().toArray() as unknown as MarkupNode[]).map((node) => ({ node, depth: 0 }));
  let nodes = 0;
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    const { node, depth } = at;
    nodes += 1;
    if (depth > MAX_DEPTH || nodes > MAX_NODES) return null;
    if (node.name !== undefined && node.attribs !== undefined) {
      const { itemprop, rel, class: classes } = node.attribs;
      const isMarked =
        itemprop !== undefined || rel !== undefined || (classes !== undefined && MICROFORMATS.test(classes));
      if (isMarked || NAMES.has(node.name)) {
        const element = elementOf($, node);
        if (NAMES.has(node.name)) found.push(element);
        if (isMarked) marked.push(element);
      }
    }
    const { children = [] } = node;
    for (let index = children.length - 1; index >= 0; index -= 1) {
      open.push({ node: children[index] as MarkupNode, depth: depth + 1 });
    }
  }
  return { marked, named: (...names) => found.filter(({ name }) => names.includes(name)) };
}

function elementOf($: CheerioAPI, node: MarkupNode): PageElement {
  return {
    name: node.name ?? '',
    attribs: node.attribs ?? {},
    get parent() {
      return node.parent === null ? null : elementOf($, node.parent);
    },
    text: () => $(node as never).text(),
  };
}

/** Whether a list of words separated by white space, such as `rel`, has this one, in any case. */
export function hasWord(list: string | undefined, word: string): boolean {
  return (list ?? '').toLowerCase().split(/\s+/).includes(word);
}
