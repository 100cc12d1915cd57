import { PPM } from '../core/units.ts';
import { applyCaps } from './caps.ts';
import type { Cut } from './caps.ts';
import { excused } from './carry-over.ts';
import { mulDiv } from './mul-div.ts';
import type { ScoringParameters } from './parameters.ts';
import { regularityPpm } from './regularity.ts';
import { allowedOf } from './track-record.ts';
import type { Earning, Supplier } from './supplier.ts';

/** What Seine's own formula makes of a miner's rows in one pool, step by step; sums of job weights in millionths of a row. */
export interface SeineReasons {
  formula: 'seine';
  payable_ppm: number;
  /** Of the payable rows drawn to be checked. */
  sampled_ppm: number;
  /** Of the sample not seen valid. */
  unproven_ppm: number;
  /** Of the unproven what failed control fetches explain. */
  excused_ppm: number;
  /** payable x (sampled - unproven) / (sampled - excused): what the sample proves of the whole. */
  proven_ppm: number;
  rows_payable: number;
  allowed_rows: number;
  valid: number;
  invalid: number;
  gone: number;
  gone_counts_as_invalid: boolean;
  validity_ppm: number;
  credibility_ppm: number;
  regularity_ppm: number;
  /** proven x allowed / rows payable, at most whole, x validity x credibility x regularity. */
  uncapped_ppm: number;
  /** Of the groups that this miner has a part in those that a cap cut, largest first. */
  cuts: Cut[];
}

/** Cut groups that reasons name; more would tell a person no more. */
const MOST_CUTS = 10;

/**
 * What each miner earns in a pool this epoch (DESIGN.md, rules 3, 4 and 6). What a sample shows is taken for the whole: rows that nobody checked
 * are as good as those that were. Caps come last, over what would be paid, so that invented rows take nothing from others.
 */
export function dataEarnings(suppliers: readonly Supplier[], parameters: ScoringParameters): Earning<SeineReasons>[] {
  const reasons = suppliers.map((supplier) => uncapped(supplier, parameters));
  const { totals, cuts } = applyCaps(
    suppliers.map(({ miner, pool }, index) => {
      const { payable_ppm: payable = 0, uncapped_ppm: total = 0 } = reasons[index] ?? {};
      const groups = payable === 0 ? [] : (miner.payable_groups[pool] ?? []);
      return {
        total,
        groups: groups.map((group) => ({ ...group, payable_ppm: mulDiv(group.payable_ppm, total, payable) })),
      };
    }),
    parameters,
  );
  return reasons.map((reason, index) => {
    const { miner, pool } = suppliers[index] as Supplier;
    const groups = (miner.payable_groups[pool] ?? []).flatMap(({ site, author }) => [
      `site:${site}`,
      `author:${author}`,
    ]);
    const found = [...new Set(groups)].map((group) => cuts.get(group)).filter((cut) => cut !== undefined);
    found.sort((a, b) => b.network - a.network || (a.group < b.group ? -1 : 1));
    return { earned: totals[index] ?? 0, reasons: { ...reason, cuts: found.slice(0, MOST_CUTS) } };
  });
}

function uncapped(supplier: Supplier, parameters: ScoringParameters): SeineReasons {
  const { miner, pool, spot, validity, record, before, goneCounts } = supplier;
  const [payable, sampled, unproven] = [miner.payable_ppm, miner.sampled_ppm, miner.unproven_ppm].map(
    (sums) => sums[pool] ?? 0,
  ) as [number, number, number];
  const excuse = excused(sampled, unproven, spot, miner.controls);
  // A pool whose rows none was drawn of is judged by the checks of the others.
  const proven = sampled === 0 ? payable : provenOf(payable, sampled, unproven, excuse);
  const allowed = allowedOf(before, parameters);
  const paid = miner.rows_payable > allowed ? mulDiv(proven, allowed, miner.rows_payable) : proven;
  const regularity = regularityPpm(record.regular, parameters);
  const factors = [validity, record.credibility_ppm, regularity];
  return {
    formula: 'seine',
    payable_ppm: payable,
    sampled_ppm: sampled,
    unproven_ppm: unproven,
    excused_ppm: excuse,
    proven_ppm: proven,
    rows_payable: miner.rows_payable,
    allowed_rows: allowed,
    valid: spot.valid,
    invalid: spot.invalid,
    gone: spot.gone,
    gone_counts_as_invalid: goneCounts,
    validity_ppm: validity,
    credibility_ppm: record.credibility_ppm,
    regularity_ppm: regularity,
    uncapped_ppm: factors.reduce((sum, factor) => mulDiv(sum, factor, PPM), paid),
    cuts: [],
  };
}

function provenOf(payable: number, sampled: number, unproven: number, excuse: number): number {
  const [seen, of] = [Math.max(sampled - unproven, 0), sampled - excuse];
  return of <= 0 ? 0 : mulDiv(payable, Math.min(seen, of), of);
}
