import MarkdownIt from 'markdown-it';
import type { Token } from 'markdown-it';

/** What a reader of a Markdown document sees, read by another implementation than the one that makes the site. */
export interface MarkdownSource {
  /** The first heading of level 1. */
  heading: string | null;
  /** Without markup, blocks on lines of their own. */
  text: string;
  /** Contents of fenced blocks that stand in no list or quotation, as written. */
  code: string[];
  /** Rows of tables that stand in no list or quotation: their cells as text. */
  tableRows: string[][];
}

export function readMarkdown(markdown: string): MarkdownSource {
  const tokens = new MarkdownIt({ html: true }).parse(markdown, {});
  const source: MarkdownSource = { heading: null, text: '', code: [], tableRows: [] };
  const lines: string[] = [];
  let tableLevel: number | null = null;
  for (const [index, token] of tokens.entries()) {
    const { type, level, content } = token;
    if (type === 'table_open') tableLevel = level;
    else if (type === 'table_close') tableLevel = null;
    else if (type === 'tr_open' && tableLevel === 0) source.tableRows.push([]);
    else if (type === 'inline') {
      const text = inlineText(token);
      lines.push(text);
      const before = tokens[index - 1];
      if (before?.type === 'heading_open' && before.tag === 'h1') source.heading ??= text.trim();
      if (tableLevel === 0) source.tableRows.at(-1)?.push(text.trim());
    } else if (type === 'fence' || type === 'code_block') {
      lines.push(content);
      if (level === 0 && type === 'fence') source.code.push(content);
    } else if (type === 'html_block') lines.push(withoutTags(content));
  }
  source.text = lines.join('\n');
  return source;
}

function inlineText(token: Token): string {
  return (token.children ?? [])
    .map(({ type, content }) => {
      if (type === 'softbreak' || type === 'hardbreak') return ' ';
      return type === 'text' || type === 'code_inline' || type === 'text_special' ? content : '';
    })
    .join('');
}

function withoutTags(html: string): string {
  return html.replace(/<!--[^]*?-->/g, '').replace(/<[^>]*>/g, ' ');
}
