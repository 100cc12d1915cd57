/** One line of the bench's table: ours beside a peer's, measured in turns in one run. */
export interface BenchLine {
  name: string;
  unit: string;
  ours: number;
  /** Null where nothing is compared: then `ours` itself has the target. */
  peer: number | null;
  peerName: string;
  /** Of the ratio of ours to the peer's, or of ours alone; null where the line only informs. */
  target: number | null;
  /** Whether less is better, as with memory. */
  isLimit?: boolean;
}

export function ratioOf({ ours, peer }: BenchLine): number | null {
  return peer === null ? null : ours / peer;
}

/** Null where the line has no target. */
export function isMet(line: BenchLine): boolean | null {
  if (line.target === null) return null;
  const value = ratioOf(line) ?? line.ours;
  return line.isLimit === true ? value <= line.target : value >= line.target;
}

/** The table that a person reads. */
export function printTable(lines: readonly BenchLine[]): string {
  const number = (value: number | null): string =>
    value === null ? '' : value.toLocaleString('en', { maximumFractionDigits: value < 1000 ? 1 : 0 });
  const rows = lines.map((line) => {
    const ratio = ratioOf(line);
    const met = isMet(line);
    return [
      line.name,
      `${number(line.ours)} ${line.unit}`,
      line.peer === null ? '' : `${number(line.peer)} (${line.peerName})`,
      ratio === null ? '' : ratio.toFixed(2),
      line.target === null ? '' : `${line.isLimit === true ? '<=' : '>='} ${line.target}`,
      met === null ? '' : met ? 'met' : 'NOT MET',
    ];
  });
  const all = [['bench', 'ours', 'peer', 'ratio', 'target', ''], ...rows];
  const widths = all[0]!.map((_, column) => Math.max(...all.map((row) => row[column]!.length)));
  return all
    .map((row) =>
      row
        .map((cell, column) => (column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
