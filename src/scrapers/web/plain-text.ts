/** The part of a DOM node that is read here, so that any DOM will do. */
export interface TextNode {
  readonly nodeType: number;
  readonly nodeName: string;
  readonly textContent: string | null;
  readonly childNodes: ArrayLike<TextNode>;
}

/**
 * The text under a node as a person reads it: blocks on lines of their own with a blank line between paragraphs, white space
 * collapsed except in `pre`, each row of a table on one line with ` | ` between its cells. The caller bounds the depth of the tree.
 */
export function plainText(root: TextNode): string {
  const writer: Writer = { parts: [], breaks: 0, isOneLine: false };
  write(root, false, writer);
  // Not by a pattern: those take the square of a line's length for a line of spaces.
  const lines = writer.parts.join('').split('\n');
  return lines.map((line) => line.trimEnd()).join('\n');
}

interface Writer {
  parts: string[];
  /** Line feeds that stand before whatever comes next: the most that any edge of a block here asked for. */
  breaks: number;
  /** In a cell of a table, whose row is one line. */
  isOneLine: boolean;
}

function write(node: TextNode, isPre: boolean, writer: Writer): void {
  if (node.nodeType === TEXT_NODE) {
    const value = node.textContent ?? '';
    put(isPre ? value : collapse(value, writer), writer);
    return;
  }
  const name = node.nodeName.toUpperCase();
  if (SILENT.has(name)) return;
  if (name === 'BR') {
    if (writer.isOneLine) put(collapse(' ', writer), writer);
    else if (isPre) put('\n', writer);
    else writer.breaks = Math.max(writer.breaks, 1);
    return;
  }
  if (writer.isOneLine) {
    // Words of two blocks stay apart.
    if (PARAGRAPHS.has(name) || LINES.has(name)) put(collapse(' ', writer), writer);
    writeAll(node, isPre, writer);
    return;
  }
  const edge = PARAGRAPHS.has(name) ? 2 : LINES.has(name) ? 1 : 0;
  writer.breaks = Math.max(writer.breaks, edge);
  const cells = name === 'TR' ? cellsOf(node) : [];
  if (cells.length > 1 && cells.every((cell) => isOfOneLine(cell))) {
    writer.isOneLine = true;
    for (const [index, cell] of cells.entries()) {
      if (index > 0) put(collapse(' ', writer) + '| ', writer);
      writeAll(cell, false, writer);
    }
    writer.isOneLine = false;
  } else {
    if (CELLS.has(name)) put(collapse(' ', writer), writer);
    writeAll(node, isPre || name === 'PRE', writer);
  }
  writer.breaks = Math.max(writer.breaks, edge);
}

function writeAll({ childNodes }: TextNode, isPre: boolean, writer: Writer): void {
  for (let index = 0; index < childNodes.length; index += 1) {
    const child = childNodes[index];
    if (child !== undefined) write(child, isPre, writer);
  }
}

function cellsOf(row: TextNode): TextNode[] {
  return Array.from(row.childNodes).filter(({ nodeName }) => CELLS.has(nodeName.toUpperCase()));
}

/** Whether a cell holds a value; with blocks of text in it, it is a part of a layout. */
function isOfOneLine(cell: TextNode): boolean {
  const open = [...Array.from(cell.childNodes)];
  let blocks = 0;
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    const name = node.nodeName.toUpperCase();
    if (name === 'PRE' || name === 'TABLE') return false;
    if (PARAGRAPHS.has(name) || LINES.has(name)) blocks += 1;
    if (blocks > MAX_CELL_BLOCKS) return false;
    open.push(...Array.from(node.childNodes));
  }
  return true;
}

function put(text: string, writer: Writer): void {
  if (text === '') return;
  if (writer.parts.length > 0 && writer.breaks > 0) writer.parts.push('\n'.repeat(writer.breaks));
  writer.breaks = 0;
  writer.parts.push(text);
}

/** White space as one space, and none at the beginning of a line or after another space. */
function collapse(value: string, { parts, breaks }: Writer): string {
  const collapsed = value.replace(/[ \t\n\r\f]+/g, ' ');
  const last = parts.at(-1)?.at(-1);
  const isAtStart = breaks > 0 || last === undefined || last === '\n' || last === ' ';
  return collapsed.startsWith(' ') && isAtStart ? collapsed.slice(1) : collapsed;
}

const TEXT_NODE = 3;
/** A paragraph, or one within a box. */
const MAX_CELL_BLOCKS = 2;
const SILENT = new Set(['SCRIPT', 'STYLE', 'NOSCRIPT', 'TEMPLATE', 'SVG', 'MATH', 'HEAD', 'IFRAME', 'OBJECT']);
const CELLS = new Set(['TD', 'TH']);
const LINES = new Set(['LI', 'TR', 'DT', 'DD', 'OPTION', 'FIGCAPTION', 'CAPTION', 'SUMMARY']);
const PARAGRAPHS = new Set([
  'ADDRESS',
  'ARTICLE',
  'ASIDE',
  'BLOCKQUOTE',
  'DETAILS',
  'DIV',
  'DL',
  'FIGURE',
  'FOOTER',
  'H1',
  'H2',
  'H3',
  'H4',
  'H5',
  'H6',
  'HEADER',
  'HR',
  'MAIN',
  'NAV',
  'OL',
  'P',
  'PRE',
  'SECTION',
  'TABLE',
  'UL',
]);
