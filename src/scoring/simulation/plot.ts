import type { Formula } from '../parameters.ts';
import type { AttackIncome } from './incomes.ts';

const BAR_HEIGHT = 14;
const LABELS_WIDTH = 190;
const WIDTH = 900;
const TOP = 56;
/** Shares beyond it end in a mark. */
const MOST_PPM = 2_000_000;
const PPM = 1_000_000;

/** Incomes as bars beside the line at which an attack pays as much as honest work of its cost. An SVG document. */
export function plotIncomes(title: string, incomes: readonly AttackIncome[], formula: Formula): string {
  const height = TOP + incomes.length * (BAR_HEIGHT + 4) + 24;
  const x = (ppm: number): number =>
    LABELS_WIDTH + Math.round((Math.min(ppm, MOST_PPM) * (WIDTH - LABELS_WIDTH - 60)) / MOST_PPM);
  const bars = incomes.flatMap(({ id, by_formula }, index) => {
    const share = by_formula[formula]?.share_ppm ?? 0;
    const y = TOP + index * (BAR_HEIGHT + 4);
    const colour = share > PPM ? '#c0392b' : '#2e6f9e';
    const beyond = share > MOST_PPM ? ' →' : '';
    return [
      `<text x="${LABELS_WIDTH - 8}" y="${y + 11}" text-anchor="end">${escaped(id)}</text>`,
      `<rect x="${LABELS_WIDTH}" y="${y}" width="${x(share) - LABELS_WIDTH}" height="${BAR_HEIGHT}" fill="${colour}"/>`,
      `<text x="${x(share) + 6}" y="${y + 11}">${shareText(share)}${beyond}</text>`,
    ];
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="11">`,
    `<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>`,
    `<text x="12" y="22" font-size="15">${escaped(title)}</text>`,
    `<text x="12" y="40">Income by formula ${formula}, as a share of an honest miner's of the same cost</text>`,
    ...bars,
    `<line x1="${x(PPM)}" y1="${TOP - 8}" x2="${x(PPM)}" y2="${height - 20}" stroke="#222222" stroke-dasharray="4 3"/>`,
    `<text x="${x(PPM)}" y="${height - 6}" text-anchor="middle">1.00: honest</text>`,
    '</svg>',
    '',
  ].join('\n');
}

/** A share as people read it, to a hundredth. */
export function shareText(ppm: number): string {
  return (ppm / PPM).toFixed(2);
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
