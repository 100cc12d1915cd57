import type { Command } from 'commander';
import type { CrawlSignal } from '../../../temporal/job-schedules/crawl-control.ts';
import { each, webUrl, wholeNumber } from '../arguments.ts';
import { listDead, requeueDead } from '../dead-letters.ts';
import type { WithDeadLetters } from '../dead-letters.ts';
import { showCrawl, steerCrawl } from '../schedules/steer-crawl.ts';
import type { Act } from '../session.ts';

const JOB = 'id of the job';

export function addCrawlCommands(program: Command, act: Act): void {
  const crawl = program
    .command('crawl')
    .helpCommand(false)
    .summary('runs that are under way, and what they gave up')
    .description("A job's run that is under way, and the URLs that its runs gave up.");
  crawl.command('progress').description('how far the run is').argument('<job>', JOB).action(act(showCrawl));
  const signals: [CrawlSignal, string][] = [
    ['pause', 'begin no further batch until it is resumed'],
    ['resume', 'go on after a pause'],
    ['drain', 'end after the batches under way, and seal what there is; the rest waits for the next run'],
  ];
  for (const [signal, description] of signals) {
    crawl
      .command(signal)
      .description(description)
      .argument('<job>', JOB)
      .option('--dry-run', 'say which run would be told; tell it nothing')
      .action(act((session, job: string, options: { dryRun?: boolean }) => steerCrawl(session, signal, job, options)));
  }
  crawl
    .command('dead')
    .description('URLs that were given up for good, oldest first, and why')
    .argument('<job>', JOB)
    .option('--reason <word>', 'only those of this reason')
    .option('--limit <count>', 'at most so many', wholeNumber(1, 100_000), 100)
    .action(
      act((session, job: string, options: Parameters<typeof listDead>[2]) =>
        listDead(session, job, options, throughRedis),
      ),
    );
  crawl
    .command('requeue')
    .description('have URLs that were given up fetched anew by the next run')
    .argument('<job>', JOB)
    .option('--url <url>', 'this one; may be repeated', each(webUrl))
    .option('--reason <word>', 'all that were given up for this reason')
    .option('--all', 'all')
    .option('--dry-run', 'say what would be done; change nothing')
    .action(
      act((session, job: string, options: Parameters<typeof requeueDead>[2]) =>
        requeueDead(session, job, options, throughRedis),
      ),
    );
}

const throughRedis: WithDeadLetters = async (session, job, work) => {
  const { withDeadLetters } = await import('../roots/job-frontier.ts');
  return await withDeadLetters(session, job, work);
};
