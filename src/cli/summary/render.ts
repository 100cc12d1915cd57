import type { Output } from '../output.ts';
import type { Cell } from '../table.ts';
import type { RunSummary } from './schema.ts';

type Result = RunSummary['validators'][number]['results'][string];

/** Prints a run's summary as tables. */
export function renderSummary(summary: RunSummary, out: Output): void {
  out.line();
  out.table({
    title: 'Miners',
    columns: ['uid', 'miner', 'hotkey', 'pages', 'records', 'duplicates', 'commits', 'rows committed'],
    rows: summary.miners.map((miner) => [
      `${miner.uid}`,
      miner.name,
      shortKey(miner.hotkey),
      miner.pages,
      miner.records,
      miner.duplicates,
      miner.commits.map(({ block }) => `#${block}`).join(' '),
      miner.commits.reduce((sum, { rows }) => sum + rows, 0),
    ]),
  });
  for (const validator of summary.validators) renderValidator(validator, summary, out);
  renderDataset(summary.dataset, out);
  out.line();
  out.table({
    title: 'Time',
    columns: ['stage', 'seconds'],
    rows: Object.entries(summary.durations_ms).map(([stage, ms]) => [stage, Math.round(ms / 100) / 10]),
  });
  out.line();
  out.table({
    title: 'Where the parts answer while the run is up',
    columns: ['part', 'address'],
    rows: Object.entries(summary.urls),
  });
}

function renderValidator(validator: RunSummary['validators'][number], { miners }: RunSummary, out: Output): void {
  const results = Object.entries(validator.results).sort(([a], [b]) => Number(a) - Number(b));
  const nameOf = (uid: string): string => miners.find((miner) => miner.uid === Number(uid))?.name ?? '';
  out.line();
  out.table({
    title: `${validator.name} (uid ${validator.uid}, ${shortKey(validator.hotkey)})`,
    columns: ['uid', 'miner', 'verified', 'owned', 'valid', 'invalid', 'gone', 'unclear', 'score', 'weight'],
    rows: results.map(([uid, result]): Cell[] => [
      uid,
      nameOf(uid),
      result.rows_verified,
      result.rows_owned,
      result.spot_checks.valid,
      toned(result.spot_checks.invalid, 'bad'),
      toned(result.spot_checks.gone, 'warn'),
      result.spot_checks.inconclusive,
      Math.round(result.score / 10_000) / 100,
      { text: `${(100 * result.weight).toFixed(2)} %`, tone: 'strong' },
    ]),
  });
  for (const [uid, result] of results) {
    const rejected = countsText(result.rejected);
    if (rejected !== '') out.line(`  ${nameOf(uid)} not paid: ${rejected}`, 'quiet');
  }
  if (validator.inference.length === 0) return;
  out.line();
  out.table({
    title: `${validator.name}: inference`,
    columns: ['task', 'uid', 'miner', 'stated', 'paid', 'worth', 'of the task', 'requests'],
    rows: validator.inference.map((row): Cell[] => [
      ...[row.task, `${row.uid}`, nameOf(String(row.uid)), row.stated, Math.round(row.paid)],
      `${(100 * row.worth).toFixed(0)} %`,
      { text: `${(100 * row.weight).toFixed(2)} %`, tone: 'strong' },
      countsText(row.requests),
    ]),
  });
  out.line(
    '  stated: units a period; paid: those that full loads have shown, growing by the period; worth: of a unit, answered x quality x speed',
    'quiet',
  );
}

/** The most frequent reason first. */
function countsText(counts: Result['rejected']): string {
  return Object.entries(counts)
    .filter(([, count]) => count > 0)
    .sort(([reasonA, a], [reasonB, b]) => b - a || (reasonA < reasonB ? -1 : 1))
    .map(([reason, count]) => `${count} ${reason.replaceAll('_', ' ')}`)
    .join(', ');
}

function renderDataset(dataset: RunSummary['dataset'], out: Output): void {
  out.line();
  if (dataset === null) {
    out.line('No dataset: no row was owned and valid.', 'warn');
    return;
  }
  out.table({
    title: 'Dataset',
    columns: ['rows', 'MB', 'manifest', 'folder'],
    rows: [[dataset.rows, Math.round(dataset.bytes / 1000) / 1000, dataset.manifest.slice(0, 12), dataset.path]],
  });
}

function toned(count: number, tone: 'warn' | 'bad'): Cell {
  return count === 0 ? count : { text: count, tone };
}

function shortKey(hotkey: string): string {
  return `${hotkey.slice(0, 8)}…`;
}
