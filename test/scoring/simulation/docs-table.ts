import { readFileSync } from 'node:fs';

const docs = readFileSync('docs/attacks.md', 'utf8');

/** Cells of the table under a heading of docs/attacks.md, without its head. */
export function tableUnder(heading: string): string[][] {
  const section = docs.split(/^## /mu).find((text) => text.startsWith(heading)) ?? '';
  const lines = section.split('\n').filter((line) => line.startsWith('|'));
  return lines.slice(2).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}
