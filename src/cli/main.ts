import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runCli } from './program.ts';
import { createTerminal } from './terminal.ts';

const EXIT_INTERRUPTED = 130;

/** First Ctrl-C: the command ends in order. Second: at once. */
function interrupt(): AbortSignal {
  const controller = new AbortController();
  const stop = (): void => {
    if (controller.signal.aborted) process.exit(EXIT_INTERRUPTED);
    process.stderr.write('Stopping; press Ctrl-C again to stop at once.\n');
    controller.abort();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
  return controller.signal;
}

// A reader that has seen enough (`seine … | head`) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

const exitCode = await runCli(process.argv.slice(2), {
  env: process.env,
  cwd: process.cwd(),
  clone: dirname(dirname(dirname(fileURLToPath(import.meta.url)))),
  stdout: process.stdout,
  stderr: process.stderr,
  terminal: createTerminal(process.stdin, process.stderr),
  interrupt,
});

// Clients may hold the event loop open; the result must be out before the process ends.
process.stdout.write('', () => process.exit(exitCode));
