import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { SeineError } from '../core/errors.ts';
import type { CrawlSource } from '../core/record.ts';
import type { FetchedPage } from '../net/guarded-fetch.ts';
import type { SourcePage } from './source.ts';
import type { SourceOrigins } from './sources.ts';

/** The page takes longer, or more memory, to read than any page that people read. */
export class PageTooComplexError extends SeineError {
  constructor(url: string, reason: string) {
    super('PageTooComplex', `${url} could not be read (${reason}); it is given up`, { details: { url, reason } });
  }
}

/**
 * Reads what sources fetched (see `Source.read`) in threads, because markup can be made that keeps an HTML parser busy for minutes: 200 KB of
 * unclosed lists take 29 s. Past the deadline the thread is ended, and what waited behind the page goes to a new one.
 */
export interface PageReader {
  /** Rejects with PageTooComplexError, or with the SeineError of the source. */
  read(source: CrawlSource, page: FetchedPage, scrapedAt: number, byBrowser: boolean): Promise<SourcePage>;
  close(): Promise<void>;
}

export interface PageReaderOptions {
  origins: SourceOrigins;
  /** For one page. @default 10000 */
  timeoutMs?: number;
  /** Cores that pages are read on. @default one less than there are, and at least one */
  threads?: number;
  /** What the threads run. @default what reads all sources */
  script?: URL;
}

/** The threads start with the first pages, and keep no process alive. */
export function openPageReader(options: PageReaderOptions): PageReader {
  const { origins, timeoutMs = 10_000, threads = Math.max(1, availableParallelism() - 1), script = SCRIPT } = options;
  const readers = Array.from({ length: threads }, () => createThread(script, origins, timeoutMs));
  return {
    read: (source, page, scrapedAt, byBrowser) => leastBusy(readers).read({ source, page, scrapedAt, byBrowser }),
    async close() {
      await Promise.all(readers.map((reader) => reader.close()));
    },
  };
}

interface Reading {
  source: CrawlSource;
  page: FetchedPage;
  scrapedAt: number;
  byBrowser: boolean;
}

/** A SeineError as it comes over. */
type Refusal = Pick<SeineError, 'name' | 'message' | 'remedy' | 'details'>;

/** What the thread answers a reading with, in their order. */
type Answer = { page: SourcePage } | { refused: Refusal } | { failed: string };

interface Waiting {
  reading: Reading;
  resolve: (page: SourcePage) => void;
  reject: (error: Error) => void;
}

interface ReaderThread {
  load(): number;
  read(reading: Reading): Promise<SourcePage>;
  close(): Promise<void>;
}

function leastBusy(readers: readonly ReaderThread[]): ReaderThread {
  return readers.reduce((least, reader) => (reader.load() < least.load() ? reader : least));
}

/** One thread at a time, which reads one page after another; the deadline is that of the page that is being read. */
function createThread(script: URL, origins: SourceOrigins, timeoutMs: number): ReaderThread {
  const waiting: Waiting[] = [];
  let worker: Worker | null = null;
  let timer: NodeJS.Timeout | undefined;

  function watch(limitMs: number): void {
    clearTimeout(timer);
    if (waiting.length > 0) timer = setTimeout(() => giveUp(`over ${limitMs} ms`), limitMs);
  }

  function post({ page: { body, ...rest }, ...reading }: Reading): void {
    // A copy in memory of its own: small bodies share theirs with others.
    const copy = Uint8Array.from(body);
    worker?.postMessage({ ...reading, page: { ...rest, body: copy } }, [copy.buffer]);
  }

  function start(): void {
    worker = new Worker(script, { execArgv: [], workerData: origins, resourceLimits: MEMORY });
    worker.unref();
    const own = worker;
    own.on('message', (answer: Answer | 'ready') => {
      if (own !== worker) return;
      if (answer !== 'ready') settle(answer);
      watch(timeoutMs);
    });
    // Out of memory, or out of stack where nothing catches it.
    own.on('error', (error) => own === worker && giveUp(String(error)));
    own.on('exit', () => own === worker && giveUp('its thread ended'));
    for (const { reading } of waiting) post(reading);
    watch(START_MS);
  }

  function settle(answer: Answer): void {
    const done = waiting.shift();
    if ('page' in answer) done?.resolve(answer.page);
    else if ('refused' in answer) done?.reject(errorOf(answer.refused));
    else done?.reject(new PageTooComplexError(done.reading.page.url, answer.failed));
  }

  /** Ends the thread, and with it the page that it reads. */
  function giveUp(reason: string): void {
    clearTimeout(timer);
    const ended = worker;
    worker = null;
    void ended?.terminate();
    settle({ failed: reason });
    if (waiting.length > 0) start();
  }

  return {
    load: () => waiting.length,
    read(reading) {
      return new Promise((resolve, reject) => {
        waiting.push({ reading, resolve, reject });
        if (worker === null) {
          start();
        } else {
          post(reading);
          if (waiting.length === 1) watch(timeoutMs);
        }
      });
    },
    async close() {
      while (waiting.length > 0) giveUp('the reader was closed');
      const ended = worker;
      worker = null;
      await ended?.terminate();
    },
  };
}

function errorOf({ name, message, remedy, details }: Refusal): SeineError {
  return new SeineError(name, message, { remedy, details });
}

const SCRIPT = new URL('./page-reader-thread.mjs', import.meta.url);
/** A page's tree dies young: with room for it, a tenth of a crawl's work is saved. */
const MEMORY = { maxOldGenerationSizeMb: 512, maxYoungGenerationSizeMb: 48 };
/** The thread loads what it reads with first. */
const START_MS = 30_000;
