import { canonicalJson } from '../core/canonical-json.ts';
import { sha256Hex } from '../core/hash/sha256.ts';
import { PPM } from '../core/units.ts';
import { isValidAt } from '../core/wanted.ts';
import type { WantedJob } from '../core/wanted.ts';
import { votedJobs } from './roots/voted-jobs.ts';
import type { VotedJobs } from './roots/voted-jobs.ts';
import { readWanted } from './roots/wanted-file.ts';
import type { Session } from './session.ts';
import { formatTao } from './tao.ts';
import { withChain } from './with-chain.ts';

/** Shows the jobs with the weights that count. The chain is asked for stakes only where votes are configured. */
export async function listJobs(session: Session): Promise<void> {
  const { settings, out } = session;
  const folder = settings.values['wanted.votes'];
  const owners = await readWanted(settings.values['wanted.file']);
  const asItIs: VotedJobs = { list: owners, votes: [], ignored: [] };
  const voted =
    folder === null ? asItIs : await withChain(session, (chain) => votedJobs(settings, chain, owners, folder));
  const { list, votes, ignored } = voted;
  const digest = sha256Hex(canonicalJson(list));
  const nowUs = Date.now() * 1000;
  const ownWeight = (id: string): number => owners.jobs.find((job) => job.id === id)?.weight_ppm ?? 0;
  out.table({
    columns: ['job', 'weight', ...(folder === null ? [] : ['in the list']), 'pool', 'pays', 'hosts', 'queries'],
    rows: list.jobs.map((job) => [
      { text: job.id, tone: 'strong' },
      job.weight_ppm / PPM,
      ...(folder === null ? [] : [ownWeight(job.id) / PPM]),
      job.pool,
      { text: validity(job), tone: isValidAt(job, nowUs) ? 'plain' : 'quiet' },
      job.hosts.join(' '),
      (job.queries ?? []).join(', '),
    ]),
  });
  if (votes.length > 0)
    out.table({
      title: 'Votes',
      columns: ['validator', 'stake', 'signed', 'weights'],
      rows: votes.map(({ vote, stake }) => [
        vote.validator,
        formatTao(stake),
        new Date(vote.at / 1000).toISOString(),
        Object.entries(vote.weights)
          .map(([id, weight]) => `${id}=${weight}`)
          .join(' '),
      ]),
    });
  for (const { file, why } of ignored) out.line(`${file} counts for nothing: ${why}`, 'warn');
  out.line(`Pinned as ${digest}.`, 'quiet');
  out.json({
    digest,
    jobs: list.jobs.map((job) => ({ ...job, list_weight_ppm: ownWeight(job.id), valid_now: isValidAt(job, nowUs) })),
    votes: votes.map(({ vote, stake }) => ({ ...vote, stake_rao: stake.toString() })),
    ignored,
  });
}

function validity({ from, until }: WantedJob): string {
  if (from === undefined && until === undefined) return 'always';
  return [from === undefined ? '' : `from ${from}`, until === undefined ? '' : `until ${until}`].join(' ').trim();
}
