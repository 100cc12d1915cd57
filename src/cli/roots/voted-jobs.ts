import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Chain } from '../../commit/chain-port.ts';
import { readJobVote } from '../../commit/job-vote.ts';
import type { Settings } from '../../config/load.ts';
import { messageOf, SeineError } from '../../core/errors.ts';
import type { JobVote, WantedList } from '../../core/wanted.ts';
import { standingVotes, weighJobs } from '../../scoring/job-weights.ts';
import type { Output } from '../output.ts';

/** What votes made of a list of wanted jobs. */
export interface VotedJobs {
  /** The list that is pinned and used. */
  list: WantedList;
  /** The votes that count, with their validators' stakes in RAO; by address. */
  votes: { vote: JobVote; stake: bigint }[];
  /** Files of the folder that count for nothing. */
  ignored: { file: string; why: string }[];
}

/** The folder of votes can't be read. */
class VotesUnreadable extends SeineError {
  constructor(folder: string, why: string) {
    super('VotesUnreadable', `wanted.votes: ${why}`, { details: { folder }, exitCode: 2 });
  }
}

const VOTE_FILE = /\.json$/;

/**
 * The owner's list with the weights that validators with a permit voted, by their stakes now. A file that is no vote is passed over: the folder
 * holds what others sent.
 */
export async function votedJobs(
  { values }: Settings,
  chain: Pick<Chain, 'metagraph'>,
  list: WantedList,
  folder: string,
): Promise<VotedJobs> {
  const { votes, ignored } = await readVotes(folder, values.netuid);
  const neurons = await chain.metagraph(values.netuid);
  const stakes = new Map(
    neurons.filter(({ validatorPermit }) => validatorPermit).map(({ hotkey, stake }) => [hotkey, stake]),
  );
  const stakeOf = ({ validator }: JobVote): bigint => stakes.get(validator) ?? 0n;
  const standing = standingVotes(votes.map(({ vote }) => vote));
  for (const { file, vote } of votes) {
    if (stakeOf(vote) === 0n) ignored.push({ file, why: `${vote.validator} has no stake with a permit` });
    else if (!standing.includes(vote)) ignored.push({ file, why: `another vote of ${vote.validator} stands` });
  }
  return {
    list: weighJobs(list, standing, stakes, values['wanted.owner_share_ppm']),
    votes: standing.map((vote) => ({ vote, stake: stakeOf(vote) })).filter(({ stake }) => stake > 0n),
    ignored,
  };
}

/** The list that an operator works with: the file's, and where votes are configured what they make of it. Says which votes count. */
export async function effectiveJobs(
  settings: Settings,
  chain: Pick<Chain, 'metagraph'>,
  list: WantedList,
  out: Output,
): Promise<WantedList> {
  const folder = settings.values['wanted.votes'];
  if (folder === null) return list;
  const { list: weighed, votes, ignored } = await votedJobs(settings, chain, list, folder);
  out.line(`wanted jobs weighed by ${votes.length} votes: ${votes.map(({ vote }) => vote.validator).join(', ')}`);
  for (const { file, why } of ignored) out.line(`${file} counts for nothing: ${why}`, 'warn');
  return weighed;
}

async function readVotes(
  folder: string,
  netuid: number,
): Promise<{ votes: { file: string; vote: JobVote }[]; ignored: VotedJobs['ignored'] }> {
  const names = await readdir(folder).catch((error: unknown) => {
    throw new VotesUnreadable(folder, messageOf(error));
  });
  const votes: { file: string; vote: JobVote }[] = [];
  const ignored: VotedJobs['ignored'] = [];
  for (const file of names.filter((name) => VOTE_FILE.test(name)).sort()) {
    const text = await readFile(join(folder, file), 'utf8').catch(() => '');
    const read = await readJobVote(text, netuid);
    if (read.vote === null) ignored.push({ file, why: read.why });
    else votes.push({ file, vote: read.vote });
  }
  return { votes, ignored };
}
