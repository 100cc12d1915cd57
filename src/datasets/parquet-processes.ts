import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { ShardInvalid, ShardReadTimeout } from './errors.ts';

/**
 * What a process says of a file, in this order: `open` with what its footer says of all rows and of those of each row group, a `batch` for each
 * of its batches, then the frames end.
 */
export type ParquetFrame =
  | { kind: 'open'; rows: number; groups: readonly number[]; schema: Uint8Array }
  /** An Arrow IPC stream. */
  | { kind: 'batch'; message: Uint8Array };

/** What to read of a file, once its footer is known. */
export interface ParquetPart {
  /** Row groups by their number. */
  groups: readonly number[];
  /** Names of columns; null for all. */
  columns: readonly string[] | null;
}

export interface ParquetRequest {
  path: string;
  part: (open: ParquetFrame & { kind: 'open' }) => ParquetPart;
  /** Rows are sent in batches of about this many bytes. */
  batchBytes: number;
  maxBatchRows: number;
  /** Bytes that the process may have in memory, all its own included. */
  maxRssBytes: number;
  timeoutMs: number;
}

/** Processes that wait for the next file; more than these are ended once their file is read. */
const MAX_IDLE = 2;
const MAX_FRAME_BYTES = 2 ** 30;
const idle: Reader[] = [];

/**
 * Unpacks a Parquet file that nobody vouches for in a process of its own. A panic inside WebAssembly can't be caught where it happens and
 * leaves the module unusable, and its memory is under no limit of Node's: here they end only that process. A process that is still sound
 * reads the next file; one that was left in the middle of one is ended.
 * @throws ShardInvalid `truncated` or `too_large`, ShardReadTimeout
 */
export async function* unpack(request: ParquetRequest): AsyncGenerator<ParquetFrame> {
  let reader = idle.pop();
  while (reader?.isAlive() === false) reader = idle.pop();
  reader ??= startReader();
  let rests = true;
  try {
    reader.begin(request);
    for (;;) {
      rests = false;
      const frame = await reader.next();
      rests = frame.kind === 'o' || (frame.kind !== 'b' && frame.payload[0] === 0);
      if (frame.kind === 'e') return;
      if (frame.kind === 'f') throw damaged(frame.payload.toString('utf8', 1));
      if (frame.kind === 'b') {
        yield { kind: 'batch', message: frame.payload };
      } else {
        const open = opened(frame.payload);
        yield open;
        reader.go(request.part(open));
      }
    }
  } finally {
    if (rests && idle.length < MAX_IDLE && reader.isAlive()) idle.push(reader.rest());
    else reader.stop();
  }
}

interface Frame {
  kind: string;
  payload: Buffer;
}

interface Reader {
  begin(request: ParquetRequest): void;
  /** Asks for rows of the file that was opened. */
  go(part: ParquetPart): void;
  next(): Promise<Frame>;
  isAlive(): boolean;
  /** Lets this process end while the reader has nothing to do. */
  rest(): Reader;
  stop(): void;
}

function startReader(): Reader {
  const script = fileURLToPath(new URL('./parquet-child.mjs', import.meta.url));
  const child = spawn(process.execPath, ['--max-old-space-size=64', script], {
    // What a panicking module prints is no concern of the operator's.
    stdio: ['pipe', 'ignore', 'ignore', 'pipe'],
    env: {},
  });
  const output = child.stdio[3] as Socket;
  const frames = framesOf(output);
  let ended = false;
  let maxRssBytes = 0;
  let timeoutMs = 0;
  let leftMs = 0;
  child.once('exit', () => (ended = true));
  child.once('error', () => (ended = true));
  child.stdin?.on('error', () => (ended = true));
  output.on('error', () => (ended = true));
  const exited = new Promise<NodeJS.Signals | null>((resolve) => {
    child.once('exit', (_, signal) => resolve(signal));
    child.once('error', () => resolve(null));
  });
  const reader: Reader = {
    begin(request) {
      hold(child, output, true);
      ({ maxRssBytes, timeoutMs } = request);
      leftMs = timeoutMs;
      child.stdin?.write(`${JSON.stringify(request)}\n`);
    },
    go: (part) => void child.stdin?.write(`${JSON.stringify(part)}\n`),
    async next() {
      const startedAt = performance.now();
      let late: NodeJS.Timeout | undefined;
      const timeout = new Promise<never>((_, reject) => {
        late = setTimeout(() => reject(new ShardReadTimeout(timeoutMs)), leftMs);
      });
      try {
        const next = await Promise.race([frames.next(), timeout]);
        if (next.done !== true) return next.value;
      } finally {
        clearTimeout(late);
        leftMs = Math.max(leftMs - (performance.now() - startedAt), 0);
      }
      // The process is gone: it kills itself beyond its memory, and aborts where a panic takes it down.
      if ((await exited) === 'SIGKILL') throw tooLarge(maxRssBytes);
      throw damaged('its pages break the format, or its text is not UTF-8');
    },
    isAlive: () => !ended,
    rest() {
      hold(child, output, false);
      return reader;
    },
    stop() {
      child.kill('SIGKILL');
      output.destroy();
    },
  };
  return reader;
}

/** Whether Node waits for the child before it ends. */
function hold(child: ChildProcess, output: Socket, keep: boolean): void {
  const handles = [child, output, child.stdin as Socket | null];
  for (const handle of handles) {
    if (keep) handle?.ref();
    else handle?.unref();
  }
}

/** Cuts the child's output into its frames. */
async function* framesOf(output: Socket): AsyncGenerator<Frame, undefined> {
  let chunks: Buffer[] = [];
  let held = 0;
  let wanted = 5;
  let kind = '';
  for await (const chunk of output as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    held += chunk.length;
    while (held >= wanted) {
      const bytes = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
      const taken = bytes.subarray(0, wanted);
      chunks = [bytes.subarray(wanted)];
      held -= wanted;
      if (kind === '') {
        wanted = taken.readUInt32LE();
        kind = taken.toString('latin1', 4);
        if (wanted > MAX_FRAME_BYTES) throw damaged('a batch is too large');
      } else {
        yield { kind, payload: taken };
        wanted = 5;
        kind = '';
      }
    }
  }
  return undefined;
}

function opened(payload: Buffer): ParquetFrame & { kind: 'open' } {
  const { rows, groups, schema } = JSON.parse(payload.toString('utf8')) as {
    rows: number;
    groups: number[];
    schema: string;
  };
  return { kind: 'open', rows, groups, schema: Buffer.from(schema, 'base64') };
}

function tooLarge(maxRssBytes: number): ShardInvalid {
  return new ShardInvalid('too_large', `unpacking it takes more than ${maxRssBytes} bytes of memory`, { maxRssBytes });
}

export function damaged(what: string, cause?: unknown): ShardInvalid {
  return new ShardInvalid('truncated', `not a whole Parquet file: ${what}`, {}, cause);
}
