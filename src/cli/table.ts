import { sanitize, type Paint, type Tone } from './paint.ts';

/** A value of a table; numbers are grouped by thousands and aligned to the right. */
export type Cell = string | number | null | { text: string | number; tone: Tone };

export interface Table {
  title?: string;
  columns: readonly string[];
  rows: readonly (readonly Cell[])[];
}

const GAP = '  ';
const NUMBERS = new Intl.NumberFormat('en-US', { maximumFractionDigits: 6 });

/** The lines of a table: columns as wide as their widest cell, a column of numbers aligned to the right. */
export function tableLines(table: Table, paint: Paint): string[] {
  const rows = table.rows.map((row) => table.columns.map((_, column) => shown(row[column] ?? null)));
  const widths = table.columns.map((name, column) =>
    Math.max(width(name), ...rows.map((row) => width(row[column]?.text ?? ''))),
  );
  const toRight = table.columns.map(
    (_, column) =>
      rows.length > 0 && rows.every((row) => row[column]?.numeric) && rows.some((row) => row[column]?.text),
  );
  const line = (cells: readonly { text: string; tone: Tone }[]): string =>
    cells
      .map(({ text, tone }, column) => {
        const pad = ' '.repeat((widths[column] ?? 0) - width(text));
        const last = column === cells.length - 1;
        return toRight[column] ? pad + paint(text, tone) : paint(text, tone) + (last ? '' : pad);
      })
      .join(GAP)
      .trimEnd();
  return [
    ...(table.title === undefined ? [] : [paint(sanitize(table.title), 'strong')]),
    line(table.columns.map((text) => ({ text, tone: 'quiet' as const }))),
    ...rows.map(line),
  ];
}

interface Shown {
  text: string;
  tone: Tone;
  /** Numbers and gaps: what a column aligned to the right may hold. */
  numeric: boolean;
}

function shown(cell: Cell): Shown {
  if (cell === null) return { text: '', tone: 'plain', numeric: true };
  const { text, tone } = typeof cell === 'object' ? cell : { text: cell, tone: 'plain' as const };
  return typeof text === 'number'
    ? { text: NUMBERS.format(text), tone, numeric: true }
    : { text: sanitize(text), tone, numeric: false };
}

/** Columns on screen, close enough: one a code point. */
function width(text: string): number {
  return [...text].length;
}
