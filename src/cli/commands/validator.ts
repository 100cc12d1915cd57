import type { Command } from 'commander';
import { dryRun } from '../preflight.ts';
import type { Act } from '../session.ts';

export function addValidatorCommand(program: Command, act: Act): void {
  program
    .command('validator')
    .summary('verify, score and set weights, until Ctrl-C')
    .description(
      "Follow commitments on chain, fetch and verify every miner's rows, spot-check them at their source, score, set weights and " +
        'write the evidence of every score, until Ctrl-C.',
    )
    .option('--dry-run', 'say what would be signed and whether the chain would take it; sign nothing')
    .action(
      act(async (session, options: { dryRun?: boolean }) => {
        if (options.dryRun === true) return await dryRun(session, 'validator');
        const { runValidator } = await import('../roots/validator.ts');
        return await runValidator(session.settings, session.out, session.env, session.context.interrupt());
      }),
    );
}
