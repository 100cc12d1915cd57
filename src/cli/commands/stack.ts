import { InvalidArgumentError, Option, type Command } from 'commander';
import type { PartStatus } from '../../../stack/status.ts';
import { wholeNumber } from '../arguments.ts';
import { EXIT } from '../exit-codes.ts';
import type { Output } from '../output.ts';
import type { Act, Session } from '../session.ts';
import { ownStackDir, runStackDirs, stackDirOf } from '../stack-folder.ts';

const EXIT_INTERRUPTED = 130;
const DEFAULT_BLOCK_MS = 12_000;

type Blocks = 'instant' | { intervalMs: number };

export function addStackCommands(program: Command, act: Act): void {
  const stack = program
    .command('stack')
    .helpCommand(false)
    .summary('the local parts: Temporal, Redis, a chain')
    .description(
      'Start and stop the local parts. They live in <home>/stack and keep their data. TEMPORAL_ADDRESS, REDIS_URL and ' +
        'SUBTENSOR_ENDPOINT put servers of yours in their place.',
    );
  stack
    .command('up')
    .description('start all parts and leave them running')
    .addOption(
      new Option('--blocks <ms>', 'a block every so many milliseconds, or "instant": one on each transaction')
        .default({ intervalMs: DEFAULT_BLOCK_MS } satisfies Blocks, `${DEFAULT_BLOCK_MS}`)
        .argParser(parseBlocks),
    )
    .action(act((session, options: { blocks: Blocks }) => up(session, options.blocks)));
  stack.command('down').description('stop what runs, also what a killed launcher left behind').action(act(down));
  stack.command('status').description('what runs, where it is and whether it answers').action(act(status));
  stack
    .command('logs')
    .description("the last lines of the parts' logs")
    .addArgument(
      program.createArgument('[part]', 'one part only').choices(['redis-index', 'redis-state', 'temporal', 'chain']),
    )
    .option('-n, --lines <count>', 'lines of each part', wholeNumber(1, 100_000), 40)
    .action(act((session, part: string | undefined, options: { lines: number }) => logs(session, part, options.lines)));
}

async function up(session: Session, blocks: Blocks): Promise<number> {
  const { context, settings, out } = session;
  const { startStack, stackDown } = await import('../../../stack/stack.ts');
  const dir = ownStackDir(settings);
  const interrupted = context.interrupt();
  const starting = startStack({
    dir,
    chain: { blocks },
    env: stackEnv(session),
    log: (line) => out.line(line, 'quiet'),
  });
  const stack = await Promise.race([starting, aborted(interrupted)]);
  if (stack === null) {
    // What is up now goes, the start fails of that or brings up the rest, and the rest goes.
    await stackDown(dir);
    await starting.catch(() => undefined);
    await stackDown(dir);
    return EXIT_INTERRUPTED;
  }
  out.table({ columns: ['part', 'address'], rows: Object.entries(stack.urls).map(([part, url]) => [part, url]) });
  out.line('Running. "seine stack down" stops it; "seine miner" and "seine validator" find it by themselves.');
  out.json({ dir, urls: stack.urls });
  return EXIT.ok;
}

/** The environment with the first of several nodes, by its URL: that is the one looked at. */
function stackEnv({ settings, env }: Session): Session['env'] {
  const isChosen = ['flag', 'env', 'file'].includes(settings.origins['subtensor.endpoint']);
  return isChosen ? { ...env, SUBTENSOR_ENDPOINT: settings.values['subtensor.endpoint'][0] } : env;
}

function aborted(signal: AbortSignal): Promise<null> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(null), { once: true }));
}

async function down({ settings, out }: Session): Promise<void> {
  const { isLeftBehind, stackDown } = await import('../../../stack/stack.ts');
  const stopped = await stackDown(ownStackDir(settings));
  for (const dir of runStackDirs(settings)) {
    if (isLeftBehind(dir)) stopped.push(...(await stackDown(dir)));
    else out.line(`${dir} belongs to an "npm start" that runs; Ctrl-C there stops it.`, 'quiet');
  }
  out.line(stopped.length === 0 ? 'Nothing was running.' : `Stopped ${stopped.join(', ')}.`);
  out.json({ stopped });
}

async function status(session: Session): Promise<number> {
  const { settings, out } = session;
  const { stackStatus } = await import('../../../stack/status.ts');
  const parts = await stackStatus(stackDirOf(settings), stackEnv(session));
  if (parts.length === 0) out.line('No stack is up here. "seine stack up" starts one.');
  else printStatus(parts, out);
  out.json({ parts });
  return parts.length > 0 && parts.every((part) => part.healthy) ? EXIT.ok : EXIT.unreachable;
}

function printStatus(parts: readonly PartStatus[], out: Output): void {
  out.table({
    columns: ['part', 'state', 'pid', 'address', 'log'],
    rows: parts.map((part) => [
      part.name,
      part.healthy ? { text: 'answers', tone: 'good' } : { text: part.trouble ?? 'does not answer', tone: 'bad' },
      part.pid === null ? 'yours' : `${part.pid}`,
      part.url,
      part.log,
    ]),
  });
}

async function logs({ settings, out }: Session, only: string | undefined, lines: number): Promise<void> {
  const { stackLogs } = await import('../../../stack/status.ts');
  const { partNames } = await import('../../../stack/state-file.ts');
  const parts = partNames.filter((name) => only === undefined || name === only);
  const shown = parts.map((name) => ({ part: name, lines: stackLogs(stackDirOf(settings), name, lines) }));
  for (const { part, lines } of shown) {
    out.line(part, 'strong');
    for (const line of lines) out.line(`  ${line}`);
    if (lines.length === 0) out.line('  (no log)', 'quiet');
  }
  out.json({ logs: shown });
}

function parseBlocks(text: string): Blocks {
  if (text === 'instant') return 'instant';
  const intervalMs = Number(text);
  if (!/^\d+$/.test(text) || intervalMs < 50 || intervalMs > 600_000)
    throw new InvalidArgumentError('should be "instant" or milliseconds from 50 to 600000.');
  return { intervalMs };
}
