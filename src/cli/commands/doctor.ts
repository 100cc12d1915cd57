import type { Command } from 'commander';
import type { Finding } from '../../../stack/doctor.ts';
import { EXIT } from '../exit-codes.ts';
import type { Act } from '../session.ts';

export function addDoctorCommand(program: Command, act: Act): void {
  program
    .command('doctor')
    .summary('check what this machine has and lacks')
    .description('Check everything that Seine needs on this machine, and say how to get what is missing.')
    .action(
      act(async ({ context, env, out, settings }) => {
        const { examine } = await import('../../../stack/doctor.ts');
        out.progress({ step: 'examining this machine' });
        const findings = [...(await examine(env, context.clone)), contactFinding(settings.values['fetch.contact'])];
        const troubles = findings.filter((finding) => !finding.ok);
        out.table({
          columns: ['', 'what', 'found'],
          rows: findings.map(({ what, ok, found }) => [
            ok ? { text: 'ok', tone: 'good' } : { text: 'missing', tone: 'bad' },
            what,
            found,
          ]),
        });
        if (troubles.length === 0) out.line('Everything is here: "npm start" runs.', 'good');
        else out.line('To do:', 'strong');
        for (const { what, fix } of troubles) out.line(`  ${what}: ${fix ?? 'see above'}`);
        out.json({ ok: troubles.length === 0, findings });
        return troubles.length === 0 ? EXIT.ok : EXIT.unreachable;
      }),
    );
}

/** No trouble where it is missing: everything runs. */
function contactFinding(contact: string | null): Finding {
  const found = contact ?? 'none: set fetch.contact to a URL or mail address before you crawl, as sites expect it';
  return { what: 'Crawl contact', ok: true, found, fix: null };
}
