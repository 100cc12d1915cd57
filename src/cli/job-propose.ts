import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { signJson } from '../commit/signed-json.ts';
import { canonicalJson } from '../core/canonical-json.ts';
import { messageOf } from '../core/errors.ts';
import type { JobVote } from '../core/wanted.ts';
import { readWanted } from './roots/wanted-file.ts';
import type { Session } from './session.ts';
import { UsageError } from './usage-error.ts';
import { hotkeyAddressOf, hotkeyOf } from './wallet.ts';

/** Signs a vote on what the jobs of the list weigh. */
export async function proposeWeights(
  { context, settings, out }: Session,
  weights: [id: string, weightPpm: number][],
  options: { out?: string; dryRun?: boolean },
): Promise<void> {
  const { jobs } = await readWanted(settings.values['wanted.file']);
  const ids = weights.map(([id]) => id);
  const unknown = ids.filter((id) => !jobs.some((job) => job.id === id));
  const twice = ids.filter((id, index) => ids.indexOf(id) !== index);
  const problems = [
    ...(unknown.length === 0 ? [] : [`no job is called ${unknown.join(', ')}: ${jobs.map(({ id }) => id).join(', ')}`]),
    ...(twice.length === 0 ? [] : [`named more than once: ${twice.join(', ')}`]),
  ];
  if (problems.length > 0) throw new UsageError(problems.join('; '), { unknown, twice });

  const voteBy = (validator: string): JobVote => ({
    ...{ version: 1, netuid: settings.values.netuid, validator, at: Date.now() * 1000 },
    weights: Object.fromEntries(weights),
  });
  if (options.dryRun === true) {
    const vote = voteBy(await hotkeyAddressOf(settings, context.terminal));
    out.line(`Would sign: ${canonicalJson(vote)}`);
    out.line('Nothing was signed.', 'quiet');
    out.json({ file: null, vote, signed: false });
    return;
  }
  const signer = await hotkeyOf(settings, context.terminal);
  const vote = await signJson(voteBy(signer.address), signer);
  const file = options.out === undefined ? null : resolve(context.cwd, options.out);
  if (file === null) out.line(canonicalJson(vote));
  else {
    await writeFile(file, canonicalJson(vote)).catch((error: unknown) => {
      throw new UsageError(`--out: ${messageOf(error)}`, { file });
    });
    out.line(`Signed by ${signer.address}: ${file}`);
    out.line(
      "It counts once it lies in an operator's wanted.votes folder and that operator has started anew.",
      'quiet',
    );
  }
  out.json({ file, vote, signed: true });
}
