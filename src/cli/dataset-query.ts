import type { DatasetManifest } from '../datasets/dataset-manifest.ts';
import { datasetFolder } from './dataset-folder.ts';
import type { Session } from './session.ts';
import type { Cell } from './table.ts';

export async function query(
  session: Session,
  folder: string,
  sql: string[],
  options: { limit: number },
): Promise<void> {
  const { out } = session;
  const dir = datasetFolder(session, folder);
  const [{ queryDataset }, { readVersion }] = await Promise.all([
    import('../datasets/query.ts'),
    import('../datasets/versions.ts'),
  ]);
  const { manifest } = await readVersion(dir);
  const result = await queryDataset(dir, manifest, sql.join(' '), { limit: options.limit });
  out.table({ columns: result.columns, rows: result.rows.map((row) => row.map(cellOf)) });
  if (result.truncated) out.line(`There is more: --limit shows more than ${options.limit} rows.`, 'quiet');
  out.json(result);
}

export async function stats(session: Session, folder: string): Promise<void> {
  const { out } = session;
  const { readVersion } = await import('../datasets/versions.ts');
  const { digest, manifest } = await readVersion(datasetFolder(session, folder));
  const { counts, rows, files, commits, tombstones } = manifest;
  out.table({
    columns: ['what', 'which', 'rows'],
    rows: [
      ['all', '', rows],
      ...tallied('source', counts.sources),
      ...tallied('kind', counts.kinds),
      ...tallied('language', counts.languages),
      ['language', 'unknown', counts.without_language],
      ['without a time of publication', '', counts.without_created_at],
      ['withdrawn', '', tombstones.length],
    ],
  });
  const summary = { rows, ...sizes(manifest), files: files.length, commits: commits.length };
  const miners = new Set(commits.map(({ hotkey }) => hotkey)).size;
  out.table({
    columns: ['files', 'bytes', 'unpacked', 'bytes a row', 'commits', 'miners'],
    rows: [
      [summary.files, summary.bytes, summary.unpacked_bytes, Math.round(summary.bytes / rows), summary.commits, miners],
    ],
  });
  out.json({ manifest: digest, ...summary, miners, withdrawn: tombstones.length, counts });
}

function tallied(what: string, counts: Readonly<Record<string, number>>): Cell[][] {
  return Object.entries(counts)
    .sort(([, a], [, b]) => b - a)
    .map(([name, rows]) => [what, name, rows]);
}

function sizes({ files }: DatasetManifest): { bytes: number; unpacked_bytes: number } {
  return {
    bytes: files.reduce((sum, file) => sum + file.bytes, 0),
    unpacked_bytes: files.reduce((sum, file) => sum + file.unpacked_bytes, 0),
  };
}

function cellOf(value: unknown): Cell {
  if (value === null || typeof value === 'number' || typeof value === 'string') return value;
  return JSON.stringify(value);
}
