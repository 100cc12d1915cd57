import { Option } from 'commander';
import type { Command } from 'commander';
import { each, webUrl } from '../arguments.ts';
import type { Act } from '../session.ts';

export function addStartCommand(program: Command, act: Act): void {
  program
    .command('start')
    .summary('run a whole small network here, once')
    .description(
      'Run a whole small network on this machine: real Temporal, Redis, chain and browser; three miners and two validators ' +
        'scrape, commit, verify, score and set weights. Ends with a dataset and a table of what happened.',
    )
    .argument('[url...]', 'sites to scrape in place of the documentation of the installed packages', each(webUrl))
    .option('--keep', 'leave everything up until Ctrl-C')
    .addOption(
      new Option('--with <part>', 'what else the network does: the miners also answer requests for models').choices([
        'inference',
      ]),
    )
    .action(
      act(
        async (
          { context, env, out, settings },
          urls: string[] | undefined,
          options: { keep?: boolean; with?: 'inference' },
        ) => {
          const { runLocalNetwork } = await import('../roots/start.ts');
          return await runLocalNetwork({
            urls: urls ?? [],
            keep: options.keep === true,
            withInference: options.with === 'inference',
            clone: context.clone,
            env,
            out,
            settings,
          });
        },
      ),
    );
}
