import { readFile, stat } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import type { JobProblem } from '../config/job-file/errors.ts';
import { messageOf } from '../core/errors.ts';
import { FileRefused } from './file-refused.ts';

/** Soon enough for a person who saved the file; one `stat` costs microseconds. */
const DEFAULT_POLL_MS = 2000;
/** A file that was written a moment ago may be half of what it will be, and half a list can read well: it is left to settle. */
const SETTLED_MS = 200;
/** One that is written all the time is read as it is. */
const MOST_WAITS = 10;

/** A file that is read again when it changes. */
export interface WatchedFile<Value> {
  /** The last good version. */
  current: () => Value;
  /** Why the file as it stands is not in use; null where it is. */
  refused: () => FileRefused | null;
  /** Looks at the file now, and resolves when what it says is in use or refused. */
  poll: () => Promise<void>;
  close: () => void;
}

export interface WatchedFileOptions<Value> {
  path: string;
  /** @default 2000 */
  pollMs?: number;
  /** What the text says. Throws a FileRefused. */
  parse: (text: string, path: string) => Value;
  /** The error of a file that can't even be read. */
  refuse: (path: string, problems: JobProblem[]) => FileRefused;
  /** Whether two versions say the same in other words: then nothing changed. */
  isSame: (before: Value, next: Value) => boolean;
  /** Told once `current` gives the next version. */
  onChange?: ((next: Value, before: Value) => void) | undefined;
  /** Told once a version, with everything that is wrong with it; the last good version stays in use. */
  onRefused?: ((error: FileRefused) => void) | undefined;
}

/** Reads a file and looks every `pollMs` whether it changed. Throws a FileRefused where its first version is refused. */
export async function openWatchedFile<Value>(options: WatchedFileOptions<Value>): Promise<WatchedFile<Value>> {
  const { path, pollMs = DEFAULT_POLL_MS, parse, refuse, isSame, onChange, onRefused } = options;

  const read = async (): Promise<Value> => {
    const text = await readFile(path, 'utf8').catch((error: unknown) => {
      throw refuse(path, [{ place: 'file', why: messageOf(error) }]);
    });
    return parse(text, path);
  };

  let stamp = await stampOf(path);
  let value = await read();
  let refused: FileRefused | null = null;
  let last: Promise<void> = Promise.resolve();
  let isLooking = false;

  const look = async (): Promise<void> => {
    if ((await stampOf(path)) === stamp) return;
    const found = await settledStamp(path);
    if (found === stamp) return;
    // Before the read: what is written meanwhile has another stamp, and is read next time.
    stamp = found;
    try {
      const next = await read();
      refused = null;
      if (isSame(value, next)) return;
      const before = value;
      value = next;
      onChange?.(next, before);
    } catch (error) {
      if (!(error instanceof FileRefused)) throw error;
      refused = error;
      onRefused?.(error);
    }
  };
  // One after another: a look that began before the file was written must not answer for it.
  const poll = (): Promise<void> => {
    isLooking = true;
    const looked = last.then(look).finally(() => (isLooking = false));
    last = looked.catch(() => undefined);
    return looked;
  };
  const timer = setInterval(() => void (isLooking || poll().catch(() => undefined)), pollMs).unref();
  return { current: () => value, refused: () => refused, poll, close: () => clearInterval(timer) };
}

/** The stamp of a file once it is the same for a while. */
async function settledStamp(path: string): Promise<string> {
  let stamp = await stampOf(path);
  for (let wait = 0; wait < MOST_WAITS; wait++) {
    await pause(SETTLED_MS);
    const later = await stampOf(path);
    if (later === stamp) break;
    stamp = later;
  }
  return stamp;
}

/** Changes whenever the file is written or replaced; a file that can't be seen has a stamp of its own. */
async function stampOf(path: string): Promise<string> {
  const found = await stat(path, { bigint: true }).catch(() => null);
  return found === null ? 'none' : `${found.ino}.${found.size}.${found.mtimeNs}`;
}
