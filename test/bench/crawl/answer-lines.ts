import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** The other end of a LineProcess: says that it is ready, answers each line that comes with a line of JSON, and ends with its input. */
export async function answerLines(ready: unknown, answer: (line: string) => Promise<unknown>): Promise<void> {
  const lines = createInterface({ input: process.stdin });
  const say = (value: unknown): void => void process.stdout.write(`${JSON.stringify(value)}\n`);
  let last: Promise<void> = Promise.resolve();
  lines.on('line', (line) => {
    last = last.then(async () => say(await answer(line)));
  });
  say(ready);
  await once(lines, 'close');
  await last;
}
