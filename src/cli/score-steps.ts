import { PPB, PPM } from '../core/units.ts';
import { MOST_CARRIED } from '../scoring/carry-over.ts';
import type { MinerScore, ScoreReasons } from '../scoring/epoch-scores.ts';
import type { Explanation } from '../scoring/explain.ts';
import type { Cell } from './table.ts';

/** A row of a table of steps. */
export type Step = [step: string, result: Cell, from: string];

/** How a miner's score in a pool came about, one row a step. */
export function scoreSteps({ score, carried, weight_ppb, why }: MinerScore, rows: Explanation): Step[] {
  const unit = unitOf(why);
  const movement = `${percent(why.score_alpha_ppm, PPM)} earned, the rest ${why.previous_score / unit} before`;
  const kept = `kept, the validator's own checks failed: epoch ${carried} of at most ${MOST_CARRIED}`;
  return [
    ['rows verified', rows.rows_verified, 'rows of accepted commits whose bytes, schema and tree hold'],
    ['rows owned', rows.rows_owned, 'of them the first claim on their key'],
    ...earningSteps(why),
    ['score', score / unit, carried > 0 ? kept : movement],
    ['curve', why.curve_ppb / PPB, `(score / best ${why.best_score / unit}) ^ ${why.curve_exponent_milli / 1000}`],
    ['weight', percent(weight_ppb, PPB), `curve / sum of curves ${why.curve_total_ppb / PPB}`],
  ];
}

/** What the epoch's overview shows of a score, whatever the formula. */
export function overview({ score, why }: MinerScore): {
  payable: number;
  checks: string;
  earned: number;
  score: number;
} {
  const counted = { earned: why.earned / unitOf(why), score: score / unitOf(why) };
  if (why.formula === 'd3') return { payable: why.rows, checks: `${why.wrong} wrong`, ...counted };
  if (why.formula === 'sn13')
    return { payable: why.size_ppm / PPM, checks: percent(why.credibility_ppm, PPM), ...counted };
  const checks = `${why.valid} of ${why.valid + why.invalid + why.gone}`;
  return { payable: why.payable_ppm / PPM, checks, ...counted };
}

export function percent(value: number, whole: number): string {
  return `${((100 * value) / whole).toFixed(2)} %`;
}

/** D3 counts in points, the others in millionths of a row. */
function unitOf({ formula }: ScoreReasons): number {
  return formula === 'd3' ? 1 : PPM;
}

function earningSteps(why: ScoreReasons): Step[] {
  if (why.formula === 'd3') {
    return [
      ['rows', why.rows, 'payable rows'],
      ['rank', why.rank, `miners of ${why.miners} whose newest commitment is older`],
      ['wrong', why.wrong, 'checked rows that were invalid'],
      ['points', why.earned, 'rows² x (rank + 1) / (miners + 1) / (wrong + 1), as D3 published it'],
    ];
  }
  if (why.formula === 'sn13') {
    return [
      ['size', why.size_ppm / PPM, 'payable rows'],
      ['value', why.value_ppm / PPM, `size² / all sizes ${why.bucket_ppm / PPM}, as SN13 published it`],
      ['credibility', percent(why.credibility_ppm, PPM), 'average of validity, scaled down as the size grows'],
      ['earned', why.earned / PPM, 'value x credibility ^ 2.5'],
    ];
  }
  const gone = why.gone_counts_as_invalid ? 'more than deletions explain: counted as invalid' : 'as deletions explain';
  const seen = `${(why.sampled_ppm - why.unproven_ppm) / PPM} of ${why.sampled_ppm / PPM} sampled were seen valid`;
  const excused = why.excused_ppm === 0 ? '' : `, ${why.excused_ppm / PPM} excused by failed control fetches`;
  return [
    ['payable', why.payable_ppm / PPM, 'owned rows under a wanted job, times its weight'],
    ['proven', why.proven_ppm / PPM, `payable x what the sample shows: ${seen}${excused}`],
    [
      'allowed',
      Math.min(why.rows_payable, why.allowed_rows),
      `of ${why.rows_payable} payable rows at most ${why.allowed_rows}`,
    ],
    [
      'validity',
      percent(why.validity_ppm, PPM),
      `${why.valid} valid, ${why.invalid} invalid, ${why.gone} gone (${gone})`,
    ],
    ['credibility', percent(why.credibility_ppm, PPM), 'what conclusive checks have surely shown so far'],
    ['regularity', percent(why.regularity_ppm, PPM), 'whole where all recent epochs had enough owned, wanted rows'],
    ['before caps', why.uncapped_ppm / PPM, 'proven x allowed x validity x credibility x regularity'],
    ...why.cuts.map(({ group, network, paid }): Step => [
      'cap',
      group,
      `${paid / PPM} of the network's ${network / PPM} are paid`,
    ]),
    ['earned', why.earned / PPM, why.cuts.length === 0 ? 'no cap cuts it' : 'after caps, shared pro rata'],
  ];
}
