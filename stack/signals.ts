import type { StackHandle } from './stack.ts';

const exitCodes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/**
 * Ends this process in order on Ctrl-C and its like: first `stop` (whatever runs on the stack, then the stack), then exit. A
 * second one kills the parts and exits at once. Returns a function that takes the handlers off again.
 */
export function stopOnSignals(stack: StackHandle, stop: () => Promise<void>, log: (line: string) => void): () => void {
  let stopping = false;
  const handle = (signal: keyof typeof exitCodes): void => {
    const exit = (): void => process.exit(exitCodes[signal]);
    if (stopping) {
      stack.kill();
      exit();
      return;
    }
    stopping = true;
    log('Stopping; press Ctrl-C again to kill.');
    stop().then(exit, (error: unknown) => {
      log(error instanceof Error ? error.message : String(error));
      stack.kill();
      exit();
    });
  };
  const signals = Object.keys(exitCodes) as (keyof typeof exitCodes)[];
  for (const signal of signals) process.on(signal, handle);
  return () => {
    for (const signal of signals) process.off(signal, handle);
  };
}
