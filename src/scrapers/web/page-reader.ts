import { Worker } from 'node:worker_threads';
import { SeineError } from '../../core/errors.ts';
import type { FetchedPage } from '../../net/guarded-fetch.ts';
import type { SourcePage } from '../source.ts';

/** The page takes longer, or more memory, to read than any page that people read. */
export class PageTooComplexError extends SeineError {
  constructor(url: string, reason: string) {
    super('PageTooComplex', `${url} could not be read (${reason}); it is given up`, { details: { url, reason } });
  }
}

/**
 * Reads pages (see `readPage`) in a thread, because markup can be made that keeps an HTML parser busy for minutes: 200 KB of
 * unclosed lists take 29 s. Past the deadline the thread is ended and the next page gets a new one.
 */
export interface PageReader {
  /** Rejects with PageTooComplexError. */
  read(page: FetchedPage, scrapedAt: number, byBrowser: boolean): Promise<SourcePage>;
  close(): Promise<void>;
}

export interface PageReaderOptions {
  /** For one page. @default 10000 */
  timeoutMs?: number;
}

/** The thread starts with the first page, and keeps no process alive. */
export function openPageReader({ timeoutMs = 10_000 }: PageReaderOptions = {}): PageReader {
  let thread: Promise<Worker> | null = null;
  let last: Promise<unknown> = Promise.resolve();

  async function readOne(page: FetchedPage, scrapedAt: number, byBrowser: boolean): Promise<SourcePage> {
    const worker = await (thread ??= startThread()).catch((error: unknown) => {
      thread = null;
      throw error;
    });
    const deadline = AbortSignal.timeout(timeoutMs);
    try {
      const { body, ...rest } = page;
      // A copy in memory of its own: small bodies share theirs with others.
      worker.postMessage({ page: { ...rest, body: Uint8Array.from(body) }, scrapedAt, byBrowser });
      return await nextMessage(worker, 'page', deadline);
    } catch (error) {
      thread = null;
      await worker.terminate();
      throw new PageTooComplexError(page.url, deadline.aborted ? `over ${timeoutMs} ms` : String(error));
    }
  }

  return {
    read(page, scrapedAt, byBrowser) {
      // One at a time, so that the deadline is the page's own.
      const reading = last.then(() => readOne(page, scrapedAt, byBrowser));
      last = reading.catch(() => undefined);
      return reading;
    },
    async close() {
      await last;
      await (await thread?.catch(() => null))?.terminate();
      thread = null;
    },
  };
}

async function startThread(): Promise<Worker> {
  const worker = new Worker(new URL('./page-reader-thread.mjs', import.meta.url), {
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: 512 },
  });
  worker.unref();
  // Listened to so that a thread that dies between two pages takes nothing with it; the next message finds out.
  worker.on('error', () => undefined);
  await nextMessage(worker, 'ready', AbortSignal.timeout(START_MS));
  return worker;
}

interface Message {
  kind: 'ready' | 'page';
  page: SourcePage;
}

function nextMessage(worker: Worker, kind: Message['kind'], deadline: AbortSignal): Promise<SourcePage> {
  return new Promise((resolve, reject) => {
    const settle = (finish: () => void): void => {
      worker.off('message', onMessage).off('error', onError).off('exit', onExit);
      deadline.removeEventListener('abort', onDeadline);
      finish();
    };
    const onMessage = (message: Message): void => {
      if (message.kind === kind) settle(() => resolve(message.page));
    };
    const onError = (error: Error): void => settle(() => reject(error));
    const onExit = (): void => settle(() => reject(new Error('its thread ended')));
    const onDeadline = (): void => settle(() => reject(deadline.reason as Error));
    worker.on('message', onMessage).on('error', onError).on('exit', onExit);
    deadline.addEventListener('abort', onDeadline, { once: true });
  });
}

const START_MS = 30_000;
