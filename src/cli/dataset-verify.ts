import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { VerifyReport } from '../datasets/verify.ts';
import { committedAt, datasetFolder } from './dataset-folder.ts';
import { EXIT } from './exit-codes.ts';
import type { Session } from './session.ts';
import { UsageError } from './usage-error.ts';
import { withChain } from './with-chain.ts';

interface VerifyOptions {
  manifest?: string;
  offline?: boolean;
}

export async function verify(session: Session, place: string, options: VerifyOptions): Promise<number> {
  if (!/^https?:/.test(place)) return await report(session, datasetFolder(session, place), options);
  const dir = await mkdtemp(join(tmpdir(), 'seine-dataset-'));
  try {
    await download(session, place, dir);
    return await report(session, dir, options);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

async function report(session: Session, dir: string, options: VerifyOptions): Promise<number> {
  const { out } = session;
  const { verifyDataset } = await import('../datasets/verify.ts');
  const expected = options.manifest === undefined ? {} : { expected: options.manifest };
  const result: VerifyReport =
    options.offline === true
      ? await verifyDataset(dir, expected)
      : await withChain(session, (chain) =>
          verifyDataset(dir, { ...expected, readCommit: (commit) => committedAt(chain, commit) }),
        );
  out.table({
    columns: ['', 'check', 'what was found'],
    rows: result.checks.map(({ name, ok, why }) => [
      ok ? { text: 'ok', tone: 'good' } : { text: 'wrong', tone: 'bad' },
      name,
      why,
    ]),
  });
  if (!result.ok) out.line('Not as it was committed: see the checks that are wrong.', 'bad');
  else if (result.chain) out.line(`${result.rows} rows: every check holds.`, 'good');
  else out.line(`${result.rows} rows: every check holds; whether the commitments were made, only the chain knows.`);
  out.json(result);
  return result.ok ? EXIT.ok : EXIT.failure;
}

/** Copies a dataset from the web. The host that a person typed may be anywhere, also on this machine. */
async function download({ out, settings }: Session, place: string, dir: string): Promise<void> {
  const [{ createGuardedFetch }, { networkOptions }, { downloadDataset }, { FetchFailedError }] = await Promise.all([
    import('../net/guarded-fetch.ts'),
    import('./roots/network-options.ts'),
    import('../datasets/download.ts'),
    import('../net/fetch-errors.ts'),
  ]);
  if (!URL.canParse(place)) throw new UsageError(`${place} is no URL`);
  const base = new URL(place.endsWith('/') ? place : `${place}/`);
  const fetch = createGuardedFetch({ ...networkOptions(settings), allowPrivate: [base.host], timeoutMs: 600_000 });
  const get = async (path: string, maxBodyBytes: number): Promise<Uint8Array | null> => {
    const page = await fetch(new URL(path, base).href, { maxBodyBytes: maxBodyBytes + 1 });
    if (page.status === 404) return null;
    if (page.status !== 200) throw new FetchFailedError(page.url, `status ${page.status}`);
    return page.body;
  };
  try {
    await downloadDataset(get, dir, (path) => out.progress({ step: `fetching ${path}` }));
  } finally {
    await fetch.close();
  }
}
