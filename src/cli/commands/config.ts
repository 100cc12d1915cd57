import type { Command } from 'commander';
import { describeSettings } from '../../config/describe.ts';
import type { Act } from '../session.ts';

export function addConfigCommands(program: Command, act: Act): void {
  const config = program
    .command('config')
    .helpCommand(false)
    .summary('settings')
    .description('Settings, from flags, environment and file.');
  config
    .command('show')
    .description('every setting, its value and where it came from; secrets are hidden')
    .action(
      act(({ settings, out }) => {
        const described = describeSettings(settings);
        out.table({
          columns: ['setting', 'value', 'from', 'environment', 'meaning'],
          rows: described.map(({ name, value, origin, env, meaning }) => [
            name,
            value === null ? { text: '-', tone: 'quiet' as const } : String(value),
            { text: origin, tone: origin === 'default' ? ('quiet' as const) : ('strong' as const) },
            { text: env, tone: 'quiet' as const },
            meaning,
          ]),
        });
        out.line(`Settings file: ${settings.file}`, 'quiet');
        out.json({ file: settings.file, settings: described });
      }),
    );
}
