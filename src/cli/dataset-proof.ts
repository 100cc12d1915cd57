import { readFile, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { InvalidInputError, messageOf } from '../core/errors.ts';
import { committedAt, datasetFolder } from './dataset-folder.ts';
import { EXIT } from './exit-codes.ts';
import type { Session } from './session.ts';
import { UsageError } from './usage-error.ts';
import { withChain } from './with-chain.ts';

export async function prove(session: Session, folder: string, id: string, options: { out?: string }): Promise<void> {
  const { context, out } = session;
  const { proveRow, writeRowProof } = await import('../datasets/proof.ts');
  const proof = await proveRow(datasetFolder(session, folder), id);
  if (options.out === undefined) {
    if (!session.json) out.line(writeRowProof(proof));
  } else {
    const file = resolve(context.cwd, options.out);
    await writeFile(file, writeRowProof(proof));
    const { commit, index, path } = proof;
    out.line(
      `${file}: row ${index} of a manifest that ${commit.hotkey} committed in block ${commit.block}, by ${path.length} digests.`,
    );
  }
  out.json(proof);
}

export async function verifyProof(session: Session, name: string, options: { chain?: boolean }): Promise<number> {
  const { context, out } = session;
  const { parseRowProof, verifyRowProof } = await import('../datasets/proof.ts');
  const file = resolve(context.cwd, name);
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new UsageError(`${file} can't be read: ${messageOf(error)}`, { file });
  });
  try {
    const proof = parseRowProof(text);
    const { leaf } = verifyRowProof(proof);
    const { commit, row } = proof;
    if (options.chain === true) {
      const found = await withChain(session, (chain) => committedAt(chain, commit));
      if (found?.manifest !== commit.manifest)
        throw new InvalidInputError('the chain has no such commitment', { ...commit, found: found?.manifest ?? null });
    }
    const where = `${commit.hotkey} on subnet ${commit.netuid} in block ${commit.block}, event ${commit.event}`;
    out.line(`${row.id}: in manifest ${commit.manifest} of ${where}.`, 'good');
    if (options.chain !== true) out.line('Whether that was committed is for the chain to say: add --chain.', 'quiet');
    out.json({ ok: true, id: row.id, leaf, commit, chain: options.chain === true });
    return EXIT.ok;
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    out.line(`Not proved: ${error.message}`, 'bad');
    out.json({ ok: false, why: error.message, chain: options.chain === true });
    return EXIT.failure;
  }
}
