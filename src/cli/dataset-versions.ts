import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { datasetFolder } from './dataset-folder.ts';
import type { Session } from './session.ts';
import { hotkeyOf } from './wallet.ts';

export async function diff(session: Session, a: string, b: string, options: { limit: number }): Promise<void> {
  const { out } = session;
  const { diffVersions, readVersion } = await import('../datasets/versions.ts');
  const [before, after] = [datasetFolder(session, a), datasetFolder(session, b)];
  const work = await mkdtemp(join(tmpdir(), 'seine-diff-'));
  try {
    const result = await diffVersions(await readVersion(before), await readVersion(after), work, options.limit);
    const { rows, files, ids } = result;
    out.table({
      columns: ['', 'before', 'after', 'added', 'removed', 'changed', 'same'],
      rows: [
        ['rows', rows.before, rows.after, rows.added, rows.removed, rows.changed, rows.same],
        [
          'files',
          files.same + files.removed.length,
          files.same + files.added.length,
          files.added.length,
          files.removed.length,
          0,
          files.same,
        ],
      ],
    });
    for (const id of ids.added) out.line(`+ ${id}`, 'good');
    for (const id of ids.removed) out.line(`- ${id}`, 'bad');
    for (const id of ids.changed) out.line(`~ ${id}`, 'warn');
    out.json(result);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

export async function log(session: Session, folder: string): Promise<void> {
  const { out } = session;
  const { versionLog } = await import('../datasets/versions.ts');
  const { versions, missing } = await versionLog(datasetFolder(session, folder));
  out.table({
    columns: ['manifest', 'rows', 'added', 'removed', 'withdrawn', 'commits', 'folder'],
    rows: versions.map(({ dir, digest, manifest }) => [
      digest.slice(0, 12),
      manifest.rows,
      manifest.changes?.added.rows ?? manifest.rows,
      manifest.changes?.removed.rows ?? 0,
      manifest.tombstones.length,
      manifest.commits.length,
      dir,
    ]),
  });
  if (missing !== null) out.line(`The version before, ${missing}, lies in no folder beside these.`, 'quiet');
  out.json({
    versions: versions.map(({ dir, digest, manifest: { base, changes, rows, commits, tombstones } }) => ({
      ...{ dir, manifest: digest, base, rows, changes },
      ...{ commits: commits.length, withdrawn: tombstones.length },
    })),
    missing,
  });
}

export async function withdraw(
  session: Session,
  folder: string,
  ids: string[],
  options: { out: string; reason: string; dryRun?: boolean },
): Promise<void> {
  const { context, out, settings } = session;
  const dir = datasetFolder(session, folder);
  const outDir = resolve(context.cwd, options.out);
  if (options.dryRun === true) {
    const { proveRow } = await import('../datasets/proof.ts');
    for (const id of ids) out.line(`would withdraw ${id}, which ${(await proveRow(dir, id)).commit.hotkey} committed`);
    out.line('Nothing was signed.', 'quiet');
    out.json({ ids, path: outDir, signed: false });
    return;
  }
  const { withdrawRows } = await import('../datasets/withdraw.ts');
  const signer = await hotkeyOf(settings, context.terminal);
  const result = await withdrawRows({ dir, ids, reason: options.reason, signer, outDir });
  out.line(
    `${ids.length} rows withdrawn by ${signer.address}; ${result.rows} are left, manifest ${result.manifest}.`,
    'good',
  );
  out.json({ ...result, ids, signed: true });
}
