import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { VERSION } from '../core/version.ts';
import { addCommitCommands } from './commands/commit.ts';
import { addConfigCommands } from './commands/config.ts';
import { addCrawlCommands } from './commands/crawl.ts';
import { addDatasetCommands } from './commands/dataset.ts';
import { addDoctorCommand } from './commands/doctor.ts';
import { addIndexCommands } from './commands/index.ts';
import { addInitCommands } from './commands/init.ts';
import { addJobCommands } from './commands/job.ts';
import { addMinerCommand } from './commands/miner.ts';
import { addScheduleCommands } from './commands/schedule.ts';
import { addScoreCommands } from './commands/score.ts';
import { addSourceCommands } from './commands/source.ts';
import { addStackCommands } from './commands/stack.ts';
import { addStartCommand } from './commands/start.ts';
import { addSubnetCommands } from './commands/subnet.ts';
import { addTaskCommands } from './commands/task.ts';
import { addValidatorCommand } from './commands/validator.ts';
import { addWalletCommands } from './commands/wallet.ts';
import { addWeightsCommands } from './commands/weights.ts';
import type { CliContext } from './context.ts';
import { EXIT, EXIT_CODES_HELP } from './exit-codes.ts';
import { reportError } from './report-error.ts';
import { createAct } from './session.ts';
import { UsageError } from './usage-error.ts';

const INTRODUCTION = `Seine hauls data from the open web into verifiable, deduplicated datasets that are committed on chain, and scores the people who supply it.`;

const EXAMPLES = `Examples:
  seine start                      a whole small network on this machine, and what came of it
  seine start --keep https://…     the same over a site of yours, left running until Ctrl-C
  seine stack up                   Temporal, Redis and a chain to develop against
  seine config show                every setting, its value and where it came from
  seine subnet register --dry-run  what registering would cost, and what is in its way
  seine commit status --json       how much of this epoch's byte budget is left`;

/** Runs one command line (without `node` and the script) and resolves to the exit code. Prints errors itself. */
export async function runCli(argv: readonly string[], context: CliContext): Promise<number> {
  let exitCode: number = EXIT.ok;
  const program = createProgram(context, (code) => {
    exitCode = code;
  });
  const mode = { json: hasFlag(argv, '--json'), verbose: hasFlag(argv, '--verbose') };
  try {
    await program.parseAsync(argv.length === 0 ? ['--help'] : [...argv], { from: 'user' });
    return exitCode;
  } catch (error) {
    if (!(error instanceof CommanderError)) return reportError(error, context, mode);
    if (error.exitCode === 0) return EXIT.ok;
    // A noun without its verb prints its own help.
    if (error.code === 'commander.help') return EXIT.usage;
    return reportError(new UsageError(error.message.replace(/^error: /, '')), context, mode);
  }
}

/** The whole command tree; `finish` gets the exit code of the command that ran. */
export function createProgram(context: CliContext, finish: (exitCode: number) => void): Command {
  const act = createAct(context, finish);
  const program = new Command('seine')
    .description(INTRODUCTION)
    .version(VERSION, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help; also after any command')
    .helpCommand(false)
    .showHelpAfterError(false)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void context.stdout.write(text),
      writeErr: (text) => void context.stderr.write(text),
      // Errors are printed once, by reportError.
      outputError: () => undefined,
      getOutHelpWidth: () => 100,
      getErrHelpWidth: () => 100,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .configureHelp({ showGlobalOptions: true })
    .optionsGroup('Options, for every command:')
    .option('--json', 'print the result as JSON on standard output, the rest on standard error')
    .option('--verbose', 'print where an error happened')
    .option('--home <folder>', 'folder of settings, objects and local parts (SEINE_HOME, else .seine)')
    .option('--config <file>', 'settings file (else seine.toml in the home folder)')
    .option('--set <name=value>', 'set a setting for this run; may be repeated', collectSetting);

  program.commandsGroup('Try it:');
  addStartCommand(program, act);
  addStackCommands(program, act);
  addDoctorCommand(program, act);
  program.commandsGroup('Take part:');
  addInitCommands(program, act);
  addWalletCommands(program, act);
  addSubnetCommands(program, act);
  addJobCommands(program, act);
  addSourceCommands(program, act);
  addScheduleCommands(program, act);
  addCrawlCommands(program, act);
  addTaskCommands(program, act);
  addMinerCommand(program, act);
  addValidatorCommand(program, act);
  program.commandsGroup('Look and check:');
  addCommitCommands(program, act);
  addWeightsCommands(program, act);
  addIndexCommands(program, act);
  addScoreCommands(program, act);
  addDatasetCommands(program, act);
  addConfigCommands(program, act);

  return program.addHelpText('after', `\n${EXAMPLES}\n\n${EXIT_CODES_HELP}`);
}

function collectSetting(text: string, before: Record<string, string> = {}): Record<string, string> {
  const [name, ...value] = text.split('=');
  if (!name || value.length === 0) throw new InvalidArgumentError('write it as name=value.');
  return { ...before, [name]: value.join('=') };
}

function hasFlag(argv: readonly string[], flag: string): boolean {
  const end = argv.indexOf('--');
  return argv.slice(0, end === -1 ? argv.length : end).includes(flag);
}
