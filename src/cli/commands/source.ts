import type { Command } from 'commander';
import { wholeNumber } from '../arguments.ts';
import type { Act } from '../session.ts';
import { listSources } from '../source-list.ts';
import { trySourceOf } from '../source-try.ts';

export function addSourceCommands(program: Command, act: Act): void {
  const source = program
    .command('source')
    .helpCommand(false)
    .summary('where rows come from')
    .description('What can be crawled, and what rows it makes.');
  source.command('list').description('all sources, and what each offers').action(act(listSources));
  source
    .command('try')
    .summary('fetch a few pages and show their rows')
    .description(
      'Fetch the first pages of a job file or a site as a miner would, by robots.txt and the guarded client, and show their rows. ' +
        'Needs neither Temporal nor Redis nor a chain; nothing is kept, and no browser is used.',
    )
    .argument('<file|url>', 'job file, or the URL of a page to start from')
    .option('--pages <n>', 'pages to fetch at most', wholeNumber(1, 1000), 5)
    .action(act(trySourceOf));
}
