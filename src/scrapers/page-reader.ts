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

/** Nothing is known of the page: the thread that was to read it did not start, or was closed. */
export class PageUnreadError extends SeineError {
  constructor(url: string, reason: string) {
    super('PageUnread', `${url} was not read (${reason}); try again later`, {
      details: { url, reason },
      remedy: 'retry',
    });
  }
}

/**
 * Reads what sources fetched (see `Source.read`) in threads, because markup can be made that keeps an HTML parser busy for minutes: 200 KB of
 * unclosed lists take 29 s. Past the deadline the thread is ended, and what waited behind the page goes to a new one.
 */
export interface PageReader {
  /** Rejects with PageTooComplexError, with PageUnreadError, or with the SeineError of the source. */
  read(source: CrawlSource, page: FetchedPage, scrapedAt: number, byBrowser: boolean): Promise<SourcePage>;
  close(): Promise<void>;
}

export interface PageReaderOptions {
  origins: SourceOrigins;
  /** For one page. @default 10000 */
  timeoutMs?: number;
  /** Cores that pages are read on. @default one less than there are, and at least one */
  threads?: number;
  /** For a thread to load what it reads with, before its first page. @default 30000 */
  startMs?: number;
  /** What the threads run. @default what reads all sources */
  script?: URL;
}

/** The threads start with the first pages, and keep no process alive. */
export function openPageReader(options: PageReaderOptions): PageReader {
  const { origins, timeoutMs = 10_000, startMs = START_MS, script = SCRIPT } = options;
  const { threads = Math.max(1, availableParallelism() - 1) } = options;
  const readers = Array.from({ length: threads }, () => createThread(script, origins, { timeoutMs, startMs }));
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

/** Why a page was not read, through no fault of its own. */
interface Unread {
  unread: string;
}

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
function createThread(
  script: URL,
  origins: SourceOrigins,
  { timeoutMs, startMs }: { timeoutMs: number; startMs: number },
): ReaderThread {
  const waiting: Waiting[] = [];
  let worker: Worker | null = null;
  /** Until then, no page can have been what went wrong. */
  let isReading = false;
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
    isReading = false;
    const own = worker;
    own.on('message', (answer: Answer | 'ready') => {
      if (own !== worker) return;
      isReading = true;
      if (answer !== 'ready') settle(answer);
      watch(timeoutMs);
    });
    // Out of memory, or out of stack where nothing catches it.
    own.on('error', (error) => own === worker && giveUp(String(error)));
    own.on('exit', () => own === worker && giveUp('its thread ended'));
    for (const { reading } of waiting) post(reading);
    watch(startMs);
  }

  function settle(answer: Answer | Unread): void {
    const done = waiting.shift();
    if ('page' in answer) done?.resolve(answer.page);
    else if ('refused' in answer) done?.reject(errorOf(answer.refused));
    else if ('unread' in answer) done?.reject(new PageUnreadError(done.reading.page.url, answer.unread));
    else done?.reject(new PageTooComplexError(done.reading.page.url, answer.failed));
  }

  /** Ends the thread, and with it the page that it reads or was to read. */
  function giveUp(reason: string): void {
    clearTimeout(timer);
    const ended = worker;
    worker = null;
    void ended?.terminate();
    settle(isReading ? { failed: reason } : { unread: reason });
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
      clearTimeout(timer);
      const ended = worker;
      worker = null;
      while (waiting.length > 0) settle({ unread: 'the reader was closed' });
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
/** Some 1 s; a machine that does thirty things at once takes thirty times as long. */
const START_MS = 30_000;
