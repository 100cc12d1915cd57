import { createPaint, type Paint, type Tone } from './paint.ts';
import { createThinner, progressText, type Progress } from './progress.ts';
import { tableLines, type Table } from './table.ts';

/** Where a command says what it does. The human one writes text; the JSON one writes one JSON value to standard output. */
export interface Output {
  line(text?: string, tone?: Tone): void;
  table(table: Table): void;
  progress(progress: Progress): void;
  /** The result for programs: written in JSON mode only, once a command. */
  json(value: unknown): void;
}

/** What is needed of a stream such as `process.stdout`. */
export interface TextStream {
  write(text: string): unknown;
  isTTY?: boolean;
}

export interface OutputOptions {
  stdout: TextStream;
  stderr: TextStream;
  env: Readonly<Record<string, string | undefined>>;
}

/** Tables and lines on `stdout`, progress on `stderr`: one line rewritten on a terminal, a few whole lines elsewhere. */
export function createHumanOutput({ stdout, stderr, env }: OutputOptions): Output {
  const paint = paintFor(stdout, env);
  const rewrites = stderr.isTTY === true && env.TERM !== 'dumb' && !env.CI;
  const progress = rewrites ? rewrittenProgress(stderr) : loggedProgress(stderr);
  return {
    line(text = '', tone = 'plain') {
      progress.clear();
      stdout.write(`${paint(text, tone)}\n`);
    },
    table(table) {
      progress.clear();
      stdout.write(`${tableLines(table, paint).join('\n')}\n`);
    },
    progress: progress.show,
    json() {
      progress.clear();
    },
  };
}

/** The result on `stdout`, everything else on `stderr`. */
export function createJsonOutput({ stdout, stderr }: OutputOptions): Output {
  const plain = createPaint(false);
  const progress = loggedProgress(stderr);
  return {
    line: (text = '') => void stderr.write(`${text}\n`),
    table: (table) => void stderr.write(`${tableLines(table, plain).join('\n')}\n`),
    progress: progress.show,
    json: (value) => void stdout.write(`${JSON.stringify(value, null, 2)}\n`),
  };
}

/** Colour where a terminal reads and NO_COLOR is not set (no-color.org: any non-empty value). */
export function paintFor(stream: TextStream, env: OutputOptions['env']): Paint {
  return createPaint(stream.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb');
}

interface ProgressWriter {
  show: (progress: Progress) => void;
  clear: () => void;
}

function rewrittenProgress(stream: TextStream): ProgressWriter {
  let shown = false;
  return {
    show(progress) {
      stream.write(`\r\u001b[K${progressText(progress)}`);
      shown = true;
    },
    clear() {
      if (shown) stream.write('\r\u001b[K');
      shown = false;
    },
  };
}

function loggedProgress(stream: TextStream): ProgressWriter {
  const isWorthALine = createThinner();
  return {
    show: (progress) => void (isWorthALine(progress) && stream.write(`${progressText(progress)}\n`)),
    clear: () => undefined,
  };
}
