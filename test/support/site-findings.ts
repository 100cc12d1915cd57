import type { DataRecord } from '../../src/core/record.ts';
import type { SiteDocument } from './generated-sites.ts';

export interface Finding {
  /** The page, from the site's root. */
  path: string;
  problem: string;
}

export interface SiteExpectation {
  origin: string;
  documents: readonly SiteDocument[];
  /** Words that stand in every page and are no page's own. */
  navigation: readonly string[];
}

/** The columns of a row that are compared. */
export type SiteRow = Pick<DataRecord, 'url' | 'title' | 'text' | 'author' | 'created_at' | 'lang'>;

/** Of a document's runs of words. Two readers of Markdown disagree on some of it: a list within a list, a stray asterisk. */
const MIN_SHOWN = 0.995;
const RUN_WORDS = 5;

/** What is wrong with the rows of a site: documents with no row or several, text missing or out of order, wrong facts, other parts of the page in the text. */
export function siteFindings(rows: readonly SiteRow[], { origin, documents, navigation }: SiteExpectation): Finding[] {
  const byUrl = new Map<string, SiteRow[]>();
  for (const row of rows) byUrl.set(row.url, [...(byUrl.get(row.url) ?? []), row]);
  const pathOf = (url: string): string => url.slice(origin.length);
  return [
    ...[...byUrl]
      .filter(([, group]) => group.length > 1)
      .map(([url, group]) => ({ path: pathOf(url), problem: `${group.length} rows` })),
    ...documents.flatMap((document) => {
      const row = byUrl.get(origin + document.path)?.[0];
      const problems = row === undefined ? ['no row'] : problemsOf(row, document);
      return problems.map((problem) => ({ path: document.path, problem }));
    }),
    ...rows.flatMap(({ url, text }) =>
      navigation
        .filter((words) => oneLine(text ?? '').includes(words))
        .map((words) => ({ path: pathOf(url), problem: `shows what is no text of its own: ${words}` })),
    ),
  ];
}

function problemsOf(row: SiteRow, document: SiteDocument): string[] {
  const text = row.text ?? '';
  const problems = missingWords(`${row.title ?? ''}\n${text}`, document.text);
  const expected = {
    title: document.title,
    author: document.author,
    created_at: document.createdAt,
    lang: document.lang,
  };
  for (const [column, value] of Object.entries(expected)) {
    const found = row[column as keyof typeof expected];
    if (found !== value) problems.push(`${column} is ${String(found)}, not ${String(value)}`);
  }
  const lines = `\n${tabsExpanded(text)}\n`;
  for (const code of document.code) {
    if (!lines.includes(`\n${trimLines(code)}\n`)) problems.push(`code differs: ${code.slice(0, 60)}`);
  }
  for (const cells of document.tableRows) {
    const line = oneLine(cells.join(' | '));
    if (!lines.includes(line)) problems.push(`table row differs: ${line.slice(0, 100)}`);
  }
  return problems;
}

/** By runs of five words: how many of the source's the text has, and whether those that both have once come in the same order. */
function missingWords(text: string, source: string): string[] {
  const [found, wanted] = [runsOf(text), runsOf(source)];
  if (wanted.length === 0) return [];
  const placeOf = new Map<string, number[]>();
  for (const [place, run] of found.entries()) placeOf.set(run, [...(placeOf.get(run) ?? []), place]);
  const missing = wanted.filter((run) => !placeOf.has(run));
  const once = new Map<string, number>();
  for (const run of wanted) once.set(run, (once.get(run) ?? 0) + 1);
  const places = wanted
    .filter((run) => once.get(run) === 1 && placeOf.get(run)?.length === 1)
    .map((run) => placeOf.get(run)?.[0] ?? 0);
  const backwards = places.filter((place, index) => index > 0 && place < (places[index - 1] ?? 0)).length;
  const problems: string[] = [];
  // A run more is allowed where the document is so short that a single difference, which breaks five runs, passes the bound.
  if (missing.length > Math.max(wanted.length * (1 - MIN_SHOWN), RUN_WORDS)) {
    problems.push(`${missing.length} of ${wanted.length} runs of words are missing, first “${missing[0] ?? ''}”`);
  }
  if (backwards > 0) problems.push(`text is out of order at ${backwards} places`);
  return problems;
}

function runsOf(text: string): string[] {
  const words =
    text
      .normalize('NFC')
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? [];
  return words.slice(RUN_WORDS - 1).map((_, index) => words.slice(index, index + RUN_WORDS).join(' '));
}

/** As generators write tabs. */
function tabsExpanded(text: string): string {
  return text.replaceAll('\t', '    ');
}

/** As rows show code: no white space at the ends of lines, none around the block. */
function trimLines(code: string): string {
  const lines = tabsExpanded(code)
    .normalize('NFC')
    .split('\n')
    .map((line) => line.trimEnd());
  return lines.join('\n').replace(/^\n+|\n+$/g, '');
}

function oneLine(text: string): string {
  return text.normalize('NFC').replace(/\s+/g, ' ').trim();
}
