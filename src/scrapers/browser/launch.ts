import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import type { Browser, CDPSession } from 'playwright-core';
import { within } from './within.ts';

/** A browser that runs, and what ends it. */
export interface LaunchedBrowser {
  browser: Browser;
  /** Its processes as the system numbers them, its own first. */
  pids(): Promise<number[]>;
  /** Ends all its processes, by force where they don't go, and removes its folder. */
  close(): Promise<void>;
}

/**
 * Starts Chromium with no network, no secrets of ours in its environment, and all its files in one folder below the system's temporary one, named
 * after this process: what a killed process left there, the next launch on the same machine removes. The browser itself ends with its pipe.
 */
export async function launchBrowser(executablePath: string, log: (line: string) => void): Promise<LaunchedBrowser> {
  const isRoot = process.getuid?.() === 0;
  if (isRoot) log('warning: the browser runs without its sandbox, because this process is root; use another user');
  await removeOrphans();
  const folder = await mkdtemp(join(tmpdir(), `${FOLDER_PREFIX}${process.pid}-`));
  try {
    // The one way to launch that takes a folder; what it opens beside the browser is closed at once.
    const own = await chromium.launchPersistentContext(folder, {
      executablePath,
      headless: true,
      chromiumSandbox: !isRoot,
      artifactsDir: join(folder, 'artifacts'),
      env: { PATH, HOME: folder, TMPDIR: folder },
      args: ['--disable-background-networking', '--block-new-web-contents', ...NO_NETWORK],
      // Requests are answered before they reach the network; what slips by, whatever it is, ends at a closed door.
      proxy: { server: 'http://127.0.0.1:9', bypass: '<-loopback>' },
      // Whoever opened the browser closes it when its own work is done.
      ...{ handleSIGINT: false, handleSIGTERM: false, handleSIGHUP: false },
    });
    const browser = own.browser();
    if (browser === null) throw new Error('the browser gives no handle on itself');
    await Promise.all(own.pages().map((page) => page.close()));
    const session = await browser.newBrowserCDPSession();
    const [pid] = await pidsOf(session);
    return {
      browser,
      pids: () => pidsOf(session),
      async close() {
        await within(browser.close(), CLOSE_MS).catch(() => pid !== undefined && killIfAlive(pid));
        await removeFolder(folder);
      },
    };
  } catch (error) {
    await removeFolder(folder);
    throw error;
  }
}

/** Ends a process at once, where it still is. */
export function killIfAlive(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It went by itself.
  }
}

async function pidsOf(session: CDPSession): Promise<number[]> {
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  return processInfo
    .toSorted((a, b) => Number(b.type === 'browser') - Number(a.type === 'browser'))
    .map(({ id }) => id);
}

/** Folders of processes of this machine that are gone. */
async function removeOrphans(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const pid = name.startsWith(FOLDER_PREFIX) ? Number(name.slice(FOLDER_PREFIX.length).split('-')[0]) : 0;
    if (pid > 0 && (await isOrphan(join(tmpdir(), name), pid))) await removeFolder(join(tmpdir(), name));
  }
}

/** In a container that is started again, a process may have the number of the one before it. */
async function isOrphan(folder: string, pid: number): Promise<boolean> {
  if (pid !== process.pid) return !isAlive(pid);
  const found = await stat(folder).catch(() => null);
  return found !== null && found.birthtimeMs < performance.timeOrigin;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

/** Processes that are just ending may still write into it. Another user's stays. */
async function removeFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }).catch(() => undefined);
}

/** The machine's name is in it, since containers may share the folder and not their processes. */
const FOLDER_PREFIX = `seine-browser-${hostname()}-`;
/** For the script that starts the packaged browser. */
const PATH = '/usr/local/bin:/usr/bin:/bin';
const CLOSE_MS = 5000;
/** Names resolve to nothing, and WebRTC has no way around the proxy. */
const NO_NETWORK = [
  '--host-resolver-rules=MAP * ~NOTFOUND',
  '--force-webrtc-ip-handling-policy=disable_non_proxied_udp',
  '--disable-quic',
];
