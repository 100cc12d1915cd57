import type { Command } from 'commander';
import { dryRun } from '../preflight.ts';
import type { Act } from '../session.ts';

export function addMinerCommand(program: Command, act: Act): void {
  program
    .command('miner')
    .summary('scrape, commit and serve, until Ctrl-C')
    .description(
      'Scrape the wanted jobs on schedules, seal what is new into shards, commit them on chain and serve their bytes to ' +
        'validators, until Ctrl-C. Start it on more machines with the same settings to scale out.',
    )
    .option('--dry-run', 'say what would be signed and whether the chain would take it; sign nothing')
    .action(
      act(async (session, options: { dryRun?: boolean }) => {
        if (options.dryRun === true) return await dryRun(session, 'miner');
        const { runMiner } = await import('../roots/miner.ts');
        return await runMiner(session.settings, session.out, session.env, session.context.interrupt());
      }),
    );
}
