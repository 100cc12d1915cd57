import { Worker } from 'node:worker_threads';
import { ParquetWriteFailed } from './errors.ts';
import { BATCH_ROWS, WRITER } from './schema.ts';

/** One Parquet file that a thread writes. */
export interface FileWriter {
  /** Takes over the bytes of an Arrow IPC stream of one batch; waits while two batches are ahead. @throws ParquetWriteFailed */
  write(batch: Uint8Array): Promise<void>;
  /** Resolves when the file is on disk. @throws ParquetWriteFailed */
  end(): Promise<void>;
  /** Gives the file up. */
  stop(): Promise<void>;
}

interface Answer {
  taken?: true;
  done?: true;
  failed?: string;
}

/** Batches that may wait in the thread: one that it packs, and the next. */
const MAX_AHEAD = 2;
/** A thread without a file; WebAssembly takes 50 ms to start. */
let idle: Worker | undefined;

/** Opens a file in a thread that has nothing to do, else in a new one. Threads keep no process alive once their file is written. */
export function openFileWriter(path: string): FileWriter {
  const thread = idle ?? startThread();
  idle = undefined;
  thread.ref();
  let ahead = 0;
  let done = false;
  let failure: ParquetWriteFailed | undefined;
  let wake = (): void => undefined;
  const fail = (why: string): void => {
    failure ??= new ParquetWriteFailed(path, why);
    wake();
  };
  const onMessage = (answer: Answer): void => {
    if (answer.failed !== undefined) return fail(answer.failed);
    if (answer.taken === true) ahead -= 1;
    if (answer.done === true) done = true;
    wake();
  };
  // A trap in WebAssembly ends the thread.
  const onError = (error: Error): void => fail(error.message);
  const onExit = (): void => fail('its thread ended');
  thread.on('message', onMessage).on('error', onError).on('exit', onExit);

  const until = async (condition: () => boolean): Promise<void> => {
    while (!condition()) {
      if (failure !== undefined) throw failure;
      await new Promise<void>((resolve) => (wake = resolve));
    }
  };

  thread.postMessage({ path, writer: { ...WRITER, maxRowGroupRows: BATCH_ROWS } });
  return {
    async write(batch) {
      await until(() => ahead < MAX_AHEAD);
      ahead += 1;
      thread.postMessage({ batch }, [batch.buffer as ArrayBuffer]);
    },
    async end() {
      thread.postMessage({ end: true });
      await until(() => done);
      thread.off('message', onMessage).off('error', onError).off('exit', onExit);
      if (idle !== undefined) return void (await thread.terminate());
      thread.unref();
      idle = thread;
    },
    async stop() {
      thread.off('exit', onExit);
      await thread.terminate();
    },
  };
}

function startThread(): Worker {
  const thread = new Worker(new URL('./parquet-writer-thread.mjs', import.meta.url), { execArgv: [] });
  thread.on('error', () => undefined);
  return thread.once('exit', () => {
    if (idle === thread) idle = undefined;
  });
}
