import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { drawsFrom } from '../../src/inference/prompts/prompt-seed.ts';

/*
 * What people wrote, as far as it lies on a machine that has only this repository: READMEs and manuals of the installed packages, and the comments of
 * their type declarations. A document is one file.
 */

const LEGAL = /licen[cs]e|notice|changelog|history|code_of_conduct|security|authors/i;
const ROOT = join(import.meta.dirname, '..', '..', 'node_modules');

/** The documents' plain texts, without markup and code, in an order that the seed fixes. */
export function humanTexts(seed: string): string[] {
  const files = readdirSync(ROOT, { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.(?:md|d\.ts)$/i.test(path) && !LEGAL.test(basename(path)))
    .sort();
  return shuffled(files, seed)
    .map((path) => plainText(path, readFileSync(join(ROOT, path), 'utf8')))
    .filter((text) => text !== '');
}

/** A list in an order that the seed fixes. */
export function shuffled<Item>(items: readonly Item[], seed: string): Item[] {
  const draws = drawsFrom(`shuffled.${seed}`);
  const list = [...items];
  for (let at = list.length - 1; at > 0; at--) {
    const other = draws.below(at + 1);
    [list[at], list[other]] = [list[other] as Item, list[at] as Item];
  }
  return list;
}

function plainText(path: string, text: string): string {
  return path.endsWith('.ts') ? commentsOf(text) : proseOf(text);
}

/** The descriptions of a file's doc comments: what stands before the first tag. */
function commentsOf(source: string): string {
  return [...source.matchAll(/\/\*\*(?<body>.*?)\*\//gs)]
    .map(({ groups }) => (groups?.['body'] ?? '').replace(/^[ \t]*\*[ \t]?/gm, ''))
    .map((body) => proseOf(body.split(/^\s*@\w/m)[0] ?? ''))
    .filter((body) => body !== '')
    .join('\n\n');
}

/** Markdown without code, tables, headings, lists' marks, links' addresses and HTML. */
function proseOf(markdown: string): string {
  return markdown
    .replace(/```.*?```/gs, '\n\n')
    .replace(/<!--.*?-->|<[^>]*>/gs, ' ')
    .replace(/!\[[^\]]*\]\([^)]*\)/g, ' ')
    .replace(/\[([^\]]*)\](?:\([^)]*\)|\[[^\]]*\])/g, '$1')
    .replace(/\{@link\w*\s+([^}|]*)[^}]*\}/g, '$1')
    .replace(/^\s*(?:#{1,6} .*|\|.*|>.*| {4}.*|[-=*_]{3,}\s*)$/gm, '\n')
    .replace(/^\s*(?:[-*+]|\d+\.)\s+/gm, '\n\n')
    .replace(/[`*]/g, '')
    .trim();
}
