import type { DataRecord } from '../src/core/record.ts';
import type { ControlRow, ControlRows } from '../src/scrapers/control-rows.ts';
import type { ControlCounts } from '../src/scoring/carry-over.ts';
import type { Verdict } from '../src/scoring/verdict.ts';

export interface ControlDeps {
  controls: ControlRows;
  /** Rows of a source that are fetched at most: as many as are checked, so that both rates are equally sure. */
  most: number;
  /** Looks at a row's source again. */
  check: (row: DataRecord, committedAtUs: number) => Promise<Verdict>;
}

/**
 * Fetches known-good rows of the sources whose checks told nothing (DESIGN.md, rule 3), so that a validator's trouble is not taken for a miner's.
 * Where all checks told something nothing is fetched.
 * @param hotkey whose rows were checked: its own are no control
 */
export async function fetchControls(
  { controls, most, check }: ControlDeps,
  hotkey: string,
  checked: readonly { row: DataRecord; verdict: Verdict }[],
): Promise<ControlCounts> {
  const counts: ControlCounts = { fetched: 0, failed: 0, misread: 0 };
  const unclear = checked.filter(
    ({ verdict }) => verdict.verdict === 'inconclusive' && !SOURCE_CHANGED.has(verdict.reason),
  );
  for (const source of new Set(unclear.map(({ row }) => row.source))) {
    for (const { row, committedAtUs } of await controls.draw(source, hotkey, most)) {
      const { verdict, reason } = await check(row, committedAtUs);
      counts.fetched += 1;
      if (verdict === 'inconclusive' && !SOURCE_CHANGED.has(reason)) counts.failed += 1;
      if (verdict === 'invalid' || verdict === 'gone') counts.misread += 1;
    }
  }
  return counts;
}

/** Rows that were seen valid serve as controls for others. */
export function controlRowsOf(
  checked: readonly { row: DataRecord; committedAtUs: number; claim: { hotkey: string }; verdict: Verdict }[],
): ControlRow[] {
  return checked.flatMap(({ row, committedAtUs, claim, verdict }) =>
    verdict.verdict === 'valid' ? [{ row, committedAtUs, hotkey: claim.hotkey }] : [],
  );
}

/** Reasons by which the source itself explains that it shows something else. */
const SOURCE_CHANGED: ReadonlySet<string> = new Set(['changed_since', 'text_similar']);
