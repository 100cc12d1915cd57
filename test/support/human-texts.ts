import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { drawsFrom } from '../../src/inference/prompts/prompt-seed.ts';

/*
 * What people wrote, as far as it lies on a machine that has only this repository: READMEs and manuals of the installed packages, and the comments of
 * their type declarations. A document is one file.
 */

const LEGAL = /licen[cs]e|notice|changelog|history|code_of_conduct|security|authors/i;
/** Larger ones are bundles. */
const MOST_FILE_BYTES = 150_000;
const ROOT = join(import.meta.dirname, '..', '..', 'node_modules');

/** The documents' plain texts, without markup and code; reading some 13,000 files takes seconds. */
export function humanTexts(): string[] {
  const files = readdirSync(ROOT, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(?:md|[cm]?[jt]s)$/i.test(entry.name) && !LEGAL.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => statSync(path).size <= MOST_FILE_BYTES)
    .sort();
  return files.map((path) => plainText(path, readFileSync(path, 'utf8'))).filter((text) => text !== '');
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
  return /\.md$/i.test(path) ? proseOf(text) : commentsOf(text);
}

/** A file's comments: of a doc comment what stands before the first tag, and of others those that stand on lines of their own. */
function commentsOf(source: string): string {
  return [...source.matchAll(/\/\*\*(?<doc>.*?)\*\/|(?<lines>(?:^[ \t]*\/\/.*\n)+)/gms)]
    .map(
      ({ groups }) =>
        groups?.['doc']?.replace(/^[ \t]*\*[ \t]?/gm, '') ?? groups?.['lines']?.replace(/^[ \t]*\/\/+ ?/gm, '') ?? '',
    )
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
