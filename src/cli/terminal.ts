import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import type { ReadStream } from 'node:tty';

/** What a person or a pipe gives a command while it runs. */
export interface Terminal {
  /** Asks the person at the terminal; what is typed is not shown where `hidden`. Null where there is no terminal. */
  ask(question: string, options?: { hidden?: boolean }): Promise<string | null>;
  /** All that is piped in; null at a terminal. */
  piped(): Promise<string | null>;
}

export function createTerminal(input: ReadStream, output: NodeJS.WritableStream): Terminal {
  const atTerminal = input.isTTY;
  return {
    async ask(question, { hidden = false } = {}) {
      if (!atTerminal) return null;
      output.write(question);
      const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
      const lines = createInterface({ input, output: hidden ? silent : output, terminal: true });
      try {
        return await new Promise<string | null>((resolve) => {
          lines.once('line', resolve);
          lines.once('close', () => resolve(null));
        });
      } finally {
        lines.close();
        if (hidden) output.write('\n');
      }
    },
    async piped() {
      if (atTerminal) return null;
      const chunks: Buffer[] = [];
      for await (const chunk of input as AsyncIterable<Buffer>) chunks.push(chunk);
      return Buffer.concat(chunks).toString('utf8');
    },
  };
}
