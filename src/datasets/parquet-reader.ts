import { open, readFile } from 'node:fs/promises';
import { Worker } from 'node:worker_threads';
import type { RecordBatch } from 'apache-arrow';
import { tableFromIPC } from 'apache-arrow';
import { messageOf } from '../core/errors.ts';
import type { Column } from './column-types.ts';
import { assertSchema, decodeBatch } from './decode-columns.ts';
import { ShardInvalid, ShardReadTimeout } from './errors.ts';
import { BATCH_ROWS, MAX_SHARD_BYTES, MAX_SHARD_ROWS } from './schema.ts';

export interface ReadLimits {
  /** @default 536870912 */
  maxBytes?: number;
  /** @default 1000000 */
  maxRows?: number;
  /** Bytes of one row group as Arrow, unpacked. @default 2147483648 */
  maxGroupBytes?: number;
  /** For the whole file, and only while this process waits for it. @default 300000 */
  timeoutMs?: number;
}

/**
 * Rows of a Parquet file that nobody vouches for. Every file is unpacked in a thread of its own: a panic inside WebAssembly can't
 * be caught where it happens (it surfaces in a microtask) and leaves the module unusable; here it ends only that thread,
 * and so do a file that unpacks to more than memory and one that never ends.
 * @throws ShardInvalid `schema`, `truncated`, `row_count`, `row_invalid` or `too_large`
 * @throws ShardReadTimeout
 */
export async function* readParquet(
  input: string | Uint8Array,
  columns: readonly Column[],
  limits: ReadLimits = {},
): AsyncGenerator<Record<string, unknown>> {
  const maxRows = limits.maxRows ?? MAX_SHARD_ROWS;
  const bytes = await bytesOf(input, limits.maxBytes ?? MAX_SHARD_BYTES);
  const thread = startThread(bytes, limits.timeoutMs ?? 300_000);
  try {
    const opened = await thread.receive();
    if (opened.kind !== 'open') throw damaged('no footer');
    assertSchema(columns, tableFromIPC(opened.schema).schema);
    if (opened.rows > maxRows) throw new ShardInvalid('too_large', `${opened.rows} rows; at most ${maxRows} are read`);
    let rows = 0;
    for (;;) {
      const answer = await thread.ask();
      if (answer.kind !== 'group') break;
      const maxGroupBytes = limits.maxGroupBytes ?? 2 ** 31;
      if (answer.message.byteLength > maxGroupBytes) {
        throw new ShardInvalid('too_large', `a row group unpacks to ${answer.message.byteLength} bytes`);
      }
      for (const batch of batchesOf(answer.message)) {
        rows += batch.numRows;
        if (rows > maxRows) throw new ShardInvalid('too_large', `more than ${maxRows} rows`);
        yield* decodeBatch(columns, batch);
      }
    }
    if (rows !== opened.rows)
      throw new ShardInvalid('row_count', `the footer says ${opened.rows} rows, there are ${rows}`);
  } finally {
    await thread.stop();
  }
}

type Answer =
  | { kind: 'open'; groups: number; rows: number; schema: Uint8Array }
  | { kind: 'group'; message: Uint8Array }
  | { kind: 'end' };

interface Thread {
  /** What the thread sends next. One caller at a time. */
  receive(): Promise<Answer>;
  /** Asks for the next row group. */
  ask(): Promise<Answer>;
  stop(): Promise<void>;
}

function startThread(bytes: Uint8Array, timeoutMs: number): Thread {
  const worker = new Worker(new URL('./parquet-worker.mjs', import.meta.url), {
    workerData: { bytes, batchRows: BATCH_ROWS },
    execArgv: [],
    // What a panicking module prints is no concern of the operator's.
    stderr: true,
  });
  const answers: Answer[] = [];
  let failure: Error | undefined;
  let wake = (): void => undefined;
  const fail = (error: Error): void => {
    failure ??= error;
    wake();
  };
  worker.on('message', (answer: Answer) => {
    answers.push(answer);
    wake();
  });
  worker.on('error', (error) => fail(damaged(messageOf(error), error)));
  worker.on('exit', () => fail(damaged('reading ended early')));
  let leftMs = timeoutMs;
  const receive = async (): Promise<Answer> => {
    const startedAt = performance.now();
    const timer = setTimeout(() => fail(new ShardReadTimeout(timeoutMs)), leftMs);
    while (answers.length === 0 && failure === undefined) await new Promise<void>((resolve) => (wake = resolve));
    clearTimeout(timer);
    leftMs = Math.max(leftMs - (performance.now() - startedAt), 0);
    const answer = answers.shift();
    if (answer === undefined) throw failure ?? damaged('reading ended early');
    return answer;
  };
  return {
    receive,
    ask() {
      worker.postMessage('next');
      return receive();
    },
    async stop() {
      await worker.terminate();
    },
  };
}

async function bytesOf(input: string | Uint8Array, maxBytes: number): Promise<Uint8Array> {
  const sizeBytes = typeof input === 'string' ? await sizeOf(input) : input.byteLength;
  if (sizeBytes > maxBytes) throw new ShardInvalid('too_large', `${sizeBytes} bytes; at most ${maxBytes} are read`);
  return typeof input === 'string' ? await readFile(input) : input;
}

async function sizeOf(path: string): Promise<number> {
  const file = await open(path);
  try {
    return (await file.stat()).size;
  } finally {
    await file.close();
  }
}

function batchesOf(message: Uint8Array): RecordBatch[] {
  try {
    return tableFromIPC(message).batches;
  } catch (error) {
    throw damaged(messageOf(error), error);
  }
}

function damaged(what: string, cause?: unknown): ShardInvalid {
  return new ShardInvalid('truncated', `not a whole Parquet file: ${what}`, {}, cause);
}
