import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createGuardedFetch } from '../../src/net/guarded-fetch.ts';
import { openBrowserPool } from '../../src/scrapers/browser/pool.ts';
import type { BrowserPool } from '../../src/scrapers/browser/pool.ts';
import { openSharedBrowser } from '../../src/scrapers/browser/shared-browser.ts';
import type { SharedBrowser, SharedBrowserOptions } from '../../src/scrapers/browser/shared-browser.ts';
import { resolveChromium } from '../../stack/browser.ts';
import { cloneRoot } from '../../stack/parts.ts';

const TEXT = 'What this page says is said at some length, so that it counts as text. '.repeat(4);
/** A document whose text comes from its script. */
const page = (script: string, body = ''): string =>
  `<!doctype html><html><head><title>T</title></head><body><p id="app">${body}</p><script>
    const show = (text) => { document.getElementById('app').textContent = text; };
    ${script}</script></body></html>`;
const later = (delayMs: number): string =>
  `setTimeout(() => fetch('/data.txt').then((answer) => answer.text()).then((text) => show('LATE ' + text)), ${delayMs});`;

const PAGES: Record<string, string> = {
  '/plain': page('', TEXT),
  '/fetched': page(`fetch('/slow.txt').then((answer) => answer.text()).then((text) => show('LATE ' + text));`),
  '/textless-late': page(later(800)),
  '/text-late': page(later(400), TEXT),
  '/steps': page(
    `let n = 0; const step = () => { show('STEP ' + ++n + ' ${TEXT}'); if (n < 5) setTimeout(step, 90); }; step();`,
  ),
  '/restless': page(`setInterval(() => { show(Math.random() + ' ${TEXT}'); }, 20);`, TEXT),
  '/polls': page(`(async () => { for (;;) await new Promise((go) => setTimeout(go, 100)); })();`, TEXT),
  '/hangs': '<script>for (;;) {}</script>',
  '/remembers': page(`
    const before = [document.cookie, localStorage.length, sessionStorage.length].join('|');
    document.cookie = 'seen=1'; localStorage.seen = 1; sessionStorage.seen = 1;
    indexedDB.databases().then((known) => {
      const opening = indexedDB.open('seen');
      opening.onsuccess = () => show('BEFORE ' + before + '|' + known.length + ' ${TEXT}');
    });`),
  '/escapes': page(`
    const tried = [];
    const attempt = (name, work) => { try { const got = work(); tried.push(name + (got === null ? ' null' : '')); } catch { tried.push(name + ' threw'); } };
    attempt('popup', () => window.open('/popup'));
    attempt('blank', () => { const a = document.createElement('a'); a.href = '/popup'; a.target = '_blank'; a.rel = 'noopener'; a.click(); });
    attempt('alert', () => alert('stop'));
    attempt('prompt', () => prompt('name'));
    attempt('worker', () => navigator.serviceWorker?.register('/worker.js').catch(() => undefined));
    attempt('socket', () => new WebSocket('ws://' + location.host + '/socket'));
    attempt('post', () => fetch('/post', { method: 'POST', body: 'x' }).catch(() => undefined));
    attempt('beacon', () => navigator.sendBeacon('/beacon', 'x'));
    attempt('image', () => { new Image().src = '/image.png'; });
    attempt('download', () => { const a = document.createElement('a'); a.href = '/file.zip'; a.download = 'file.zip'; a.click(); });
    attempt('rtc', () => { const peer = new RTCPeerConnection({ iceServers: [{ urls: 'stun:127.0.0.1:STUN' }] });
      peer.createDataChannel('x'); peer.createOffer().then((offer) => peer.setLocalDescription(offer)); });
    attempt('thread', () => new Worker(URL.createObjectURL(new Blob(['fetch("http://" + "' + location.host + '" + "/from-worker", { method: "POST" }); new WebSocket("ws://' + location.host + '/socket")']))));
    attempt('other', () => fetch('http://localhost:' + location.port + '/other').catch(() => undefined));
    show('TRIED ' + tried.join(', ') + ' ${TEXT}');`),
  '/to-file': page(`location.href = 'file:///etc/passwd';`, TEXT),
  '/to-data': page(`location.href = 'data:text/html,<p>DATA</p>';`, TEXT),
  '/moves': page(`location.href = '/plain?moved';`, ''),
  '/moves-out': page(`location.href = 'http://localhost:' + location.port + '/other';`, TEXT),
  '/large': page(
    `const t = document.createElement('template'); for (let i = 0; i < 60; i++) t.content.append('x'.repeat(100000)); document.body.append(t);`,
    TEXT,
  ),
  '/lies': page(`
    Object.defineProperty(Element.prototype, 'outerHTML', { get: () => 'FORGED' });
    Object.defineProperty(CharacterData.prototype, 'length', { get: () => 0 });
    window.MutationObserver = null; window.setTimeout = null; show('TRUE ${TEXT}');`),
  '/eats': page(`
    const kept = [];
    for (;;) { kept.push(new Uint8Array(50_000_000).fill(1)); for (const end = Date.now() + 100; Date.now() < end;); }`),
};

let host: string;
let stunPackets = 0;
let hits: string[] = [];
/** What slow answers wait for. */
let held: Promise<void> = Promise.resolve();
const server = createServer((request, response) => {
  hits.push(`${request.method} ${request.url}`);
  void serve((request.url ?? '/').split('?')[0] ?? '/', response);
});

async function serve(path: string, response: ServerResponse): Promise<void> {
  if (path === '/slow.txt') await Promise.all([sleep(400), held]);
  if (path.endsWith('.txt')) response.setHeader('content-type', 'text/plain').end(TEXT);
  else if (PAGES[path] === undefined) response.writeHead(404).end();
  else response.setHeader('content-type', 'text/html').end(PAGES[path].replace('STUN', String(stunPort)));
}

const stun = createSocket('udp4', () => (stunPackets += 1));
let stunPort = 0;
const open: SharedBrowser[] = [];

function start(more: Partial<SharedBrowserOptions> = {}): SharedBrowser {
  const browser = openSharedBrowser({
    executablePath: resolveChromium(process.env),
    pages: 2,
    userAgent: 'seine-test',
    log: () => undefined,
    ...more,
  });
  open.push(browser);
  return browser;
}

async function closeAll(): Promise<void> {
  await Promise.all(open.splice(0).map((browser) => browser.close()));
}

function poolOf(browser: SharedBrowser): BrowserPool {
  const fetch = createGuardedFetch({ allowPrivate: [host], userAgent: 'seine-test' });
  return openBrowserPool({ browser, fetch, allowHosts: [host] });
}

const text = (rendered: { body: Uint8Array }): string => new TextDecoder().decode(rendered.body);
const show = async (pool: BrowserPool, path: string): Promise<string> =>
  text(await pool.render(`http://${host}${path}`));

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  await once(stun.bind(0, '127.0.0.1'), 'listening');
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  stunPort = stun.address().port;
});

afterAll(async () => {
  await closeAll();
  server.closeAllConnections();
  server.close();
  stun.close();
});

beforeEach(() => {
  hits = [];
});

interface Process {
  pid: number;
  /** The browser and all its processes have the browser's own number here. */
  session: number;
  command: string;
}

function processes(): Process[] {
  return readdirSync('/proc').flatMap((name) => {
    try {
      // Fields after the command's name, which may hold anything: state, parent, group, session.
      const fields = readFileSync(`/proc/${name}/stat`, 'latin1').split(') ').at(-1)?.split(' ') ?? [];
      const command = readFileSync(`/proc/${name}/cmdline`, 'latin1');
      return fields[0] === 'Z' ? [] : [{ pid: Number(name), session: Number(fields[3]), command }];
    } catch {
      return []; // no process, or it has just ended
    }
  });
}

/** Browsers that a process started: their own numbers, which are their sessions too. */
function browsersOf(pid: number | undefined): number[] {
  const own = processes().filter(({ command }) => command.includes('seine-browser-') && command.includes(`-${pid}-`));
  return [...new Set(own.map(({ session }) => session))];
}

const processesIn = (sessions: readonly number[], kind = ''): Process[] =>
  processes().filter(({ session, command }) => sessions.includes(session) && command.includes(kind));
const foldersOf = (pid: number | undefined): string[] =>
  readdirSync(tmpdir()).filter((name) => name.startsWith('seine-browser-') && name.includes(`-${pid}-`));

async function eventually(check: () => boolean): Promise<void> {
  for (let tries = 0; tries < 200 && !check(); tries++) await sleep(100);
  expect(check()).toBe(true);
}

describe('a page', () => {
  let pool: BrowserPool;
  beforeAll(() => {
    pool = poolOf(start());
  });

  it.each(['/fetched', '/textless-late', '/text-late'])('is waited for while %s loads its text', async (path) => {
    expect(await show(pool, path)).toContain('LATE What this page says');
  });

  it('is waited for while short timers follow each other', async () => {
    expect(await show(pool, '/steps')).toContain('STEP 5');
  });

  it.each(['/restless', '/polls'])('that never falls silent (%s) is taken as it is', async (path) => {
    expect(await show(pool, path)).toContain('What this page says');
  });

  it('knows nothing of those before it', async () => {
    for (let visit = 0; visit < 4; visit++) expect(await show(pool, '/remembers')).toContain('BEFORE |0|0|0 ');
  });

  it('follows its script within the hosts, and no further', async () => {
    expect(await show(pool, '/moves')).toContain('What this page says');
    expect(hits).toContain('GET /plain?moved');
    expect(await show(pool, '/moves-out').catch(String)).not.toContain('OTHER');
    expect(hits.join()).not.toContain('/other');
  });

  it('opens no way out', async () => {
    expect(await show(pool, '/escapes')).toContain('TRIED popup null, blank, alert, prompt null');
    await sleep(500);
    expect(hits.filter((hit) => !hit.includes('/escapes'))).toEqual([]);
    expect(stunPackets).toBe(0);
  });

  it.each(['/to-file', '/to-data'])('stays what it is when its script goes %s', async (path) => {
    const shown = await show(pool, path);
    expect(shown).toContain('What this page says');
    expect(shown).toContain('<title>T</title>');
  });

  it('is measured before it is read, whatever its scripts pretend', async () => {
    await expect(pool.render(`http://${host}/large`)).rejects.toMatchObject({ name: 'BodyTooLarge' });
    expect(await show(pool, '/lies')).toContain('TRUE What this page says');
  });

  it('is pictured where that is asked for', async () => {
    const { screenshot } = await pool.render(`http://${host}/plain`, { screenshot: true });
    expect(screenshot?.subarray(0, 3)).toEqual(Uint8Array.of(0xff, 0xd8, 0xff));
    expect(screenshot?.length).toBeLessThan(1_000_000);
    expect(await pool.render(`http://${host}/plain`)).not.toHaveProperty('screenshot');
  });
});

describe('a browser', () => {
  beforeEach(closeAll);

  it('is one for all pools, starts with the first page, and leaves nothing', async () => {
    const browser = start();
    const [one, two] = [poolOf(browser), poolOf(browser)];
    expect(browsersOf(process.pid)).toEqual([]);
    await Promise.all([show(one, '/plain'), show(two, '/plain'), show(one, '/fetched'), show(two, '/fetched')]);
    const running = browsersOf(process.pid);
    expect(running).toHaveLength(1);
    expect(processesIn(running).length).toBeGreaterThan(2);
    await closeAll();
    await eventually(() => processesIn(running).length === 0);
    expect(foldersOf(process.pid)).toEqual([]);
    await expect(show(one, '/plain')).rejects.toMatchObject({ name: 'BrowserFailed' });
  });

  it('outlives a page that hangs, which costs its context alone', async () => {
    const pool = poolOf(start());
    await show(pool, '/plain');
    const [main] = browsersOf(process.pid);
    const hung = pool.render(`http://${host}/hangs`, { timeoutMs: 2000 });
    const others = Promise.all([show(pool, '/fetched'), show(pool, '/text-late')]);
    await expect(hung).rejects.toMatchObject({ name: 'FetchTimeout' });
    await others;
    await show(pool, '/plain');
    expect(browsersOf(process.pid)).toEqual([main]);
  });

  it.each(['renderer', 'browser'])('whose %s is killed shows the page once more', async (what) => {
    const pool = poolOf(start());
    await show(pool, '/plain');
    let release = (): void => undefined;
    held = new Promise((resolve) => (release = resolve));
    const shown = show(pool, '/fetched');
    await eventually(() => hits.includes('GET /slow.txt'));
    const running = browsersOf(process.pid);
    const victims = what === 'browser' ? running : processesIn(running, '--type=renderer').map(({ pid }) => pid);
    for (const pid of victims) process.kill(pid, 'SIGKILL');
    release();
    expect(await shown).toContain('LATE');
    expect(hits.filter((hit) => hit === 'GET /slow.txt')).toHaveLength(2);
  });

  it('is followed by another after so many pages, and after too much memory', async () => {
    const few = poolOf(start({ maxPages: 2 }));
    await show(few, '/plain');
    const [first] = browsersOf(process.pid);
    await show(few, '/plain');
    await show(few, '/plain');
    expect(browsersOf(process.pid)).not.toContain(first);
    const lines: string[] = [];
    const small = poolOf(start({ maxMemoryMb: 300, log: (line) => lines.push(line) }));
    const eating = small.render(`http://${host}/eats`, { timeoutMs: 100_000 });
    await expect(eating).rejects.toMatchObject({ name: 'BrowserFailed' });
    expect(lines.join()).toContain('another takes over');
    expect(await show(small, '/plain')).toContain('What this page says');
  });

  it('ends with its process, and the next launch removes what that left', async () => {
    const script = `
      import { openSharedBrowser } from '${cloneRoot}/src/scrapers/browser/shared-browser.ts';
      const browser = openSharedBrowser({ executablePath: '${resolveChromium(process.env)}', pages: 1, userAgent: 'x', log: () => undefined });
      const showing = { signal: new AbortController().signal, first: {}, allowHosts: [], open: 0, served: 0, loadedBytes: 0 };
      await browser.show(showing, async () => { console.log('open'); await new Promise(() => setInterval(() => undefined, 1000)); });`;
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], { cwd: cloneRoot });
    await new Promise((resolve) => child.stdout.once('data', resolve));
    const running = browsersOf(child.pid);
    expect(running).toHaveLength(1);
    child.kill('SIGKILL');
    await eventually(() => processesIn(running).length === 0);
    expect(foldersOf(child.pid)).toHaveLength(1);
    await show(poolOf(start()), '/plain');
    expect(foldersOf(child.pid)).toEqual([]);
  });
});
