import { InvalidArgumentError, type Command } from 'commander';
import { MAX_JOB_WEIGHT_PPM } from '../../core/wanted.ts';
import { each, wholeNumber } from '../arguments.ts';
import { addJob } from '../job-add.ts';
import { listJobs } from '../job-list.ts';
import { proposeWeights } from '../job-propose.ts';
import type { Act } from '../session.ts';

const asText = (text: string): string => text;

export function addJobCommands(program: Command, act: Act): void {
  const job = program
    .command('job')
    .helpCommand(false)
    .summary('wanted jobs')
    .description('The jobs that pay: what to scrape, when, and what its rows weigh (wanted.file, wanted.votes).');
  job
    .command('list')
    .description('all jobs, with the weights that count: the list as it is, or as validators voted')
    .action(act(listJobs));
  job
    .command('add')
    .summary('write a job into the list')
    .description(
      'Write a job into the list of wanted.file, which is made where there is none. What is wrong is said all at once.',
    )
    .argument('<id>', 'name of the job: lower-case letters, digits and hyphens')
    .requiredOption('--host <host>', 'host or host:port that rows may come from; may be repeated', each(asText))
    .option('--seed <url>', 'page to start from; may be repeated', each(asText))
    .option('--query <text>', 'what a source that searches is asked for; may be repeated', each(asText))
    .option('--source <name>', 'where rows come from', 'web')
    .option('--from <when>', 'rows pay from this date or time on (2026-07-01, 2026-07-01T12:00:00Z)')
    .option('--until <when>', 'rows pay until just before this date or time')
    .option('--max-pages <n>', 'pages that one miner may fetch in one run', wholeNumber(1, 1_000_000_000), 1000)
    .option('--weight <ppm>', 'what a row weighs, in millionths of one', wholeNumber(0, MAX_JOB_WEIGHT_PPM), 1_000_000)
    .option('--pool <name>', 'the part of the emission that pays', 'data')
    .option('--dry-run', 'say what would be written; write nothing')
    .action(act(addJob));
  job
    .command('propose')
    .summary('sign a vote on weights')
    .description(
      "Sign a vote of this validator's hotkey on what jobs weigh, for the other operators' wanted.votes folders. Jobs that are not named keep their weight.",
    )
    .argument('<job=ppm...>', 'a job and its weight in millionths, such as docs=1500000', each(jobWeight))
    .option('--out <file>', 'file that the vote is written to (else standard output)')
    .option('--dry-run', 'say what would be signed; sign nothing')
    .action(act(proposeWeights));
}

function jobWeight(text: string): [id: string, weightPpm: number] {
  const [, id, weight] = /^([a-z0-9][a-z0-9-]*)=(\d+)$/.exec(text) ?? [];
  if (id === undefined || Number(weight) > MAX_JOB_WEIGHT_PPM)
    throw new InvalidArgumentError(`write it as job=weight, the weight a whole number up to ${MAX_JOB_WEIGHT_PPM}.`);
  return [id, Number(weight)];
}
