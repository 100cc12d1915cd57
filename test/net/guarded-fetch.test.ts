import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createGuardedFetch, movedTo } from '../../src/net/guarded-fetch.ts';
import type { GuardedFetch, Resolve } from '../../src/net/guarded-fetch.ts';

let host: string;
let port: number;
let fetch: GuardedFetch;
const seen: IncomingMessage['headers'][] = [];
const server = createServer((request, response) => {
  seen.push(request.headers);
  answer(request.url ?? '/', response);
});

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
  host = `127.0.0.1:${port}`;
  fetch = createGuardedFetch({ allowPrivate: [host], userAgent: 'test', maxBodyBytes: 100_000, timeoutMs: 5000 });
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

function answer(path: string, response: ServerResponse): void {
  const redirect = (location: string) => response.writeHead(302, { location }).end('moved');
  const routes: Record<string, () => unknown> = {
    '/ok': () => response.setHeader('x-a', ['1', '2']).end('hello'),
    '/loop': () => redirect('/loop2'),
    '/loop2': () => redirect('/loop'),
    '/hop': () => redirect('/ok#part'),
    '/to-private': () => redirect('http://10.0.0.1/'),
    '/to-metadata': () => redirect('http://169.254.169.254/latest/meta-data/'),
    '/to-other-loopback': () => redirect(`http://localhost:${port}/ok`),
    '/to-file': () => redirect('file:///etc/passwd'),
    '/declared': () => response.setHeader('content-length', 10_000_000).flushHeaders(),
    '/endless': () => {
      const write = () => response.destroyed || (response.write(Buffer.alloc(60_000)), setImmediate(write));
      write();
    },
    '/bomb': () => response.setHeader('content-encoding', 'gzip').end(gzipSync(Buffer.alloc(10_000_000))),
    '/br': () => response.setHeader('content-encoding', 'br').end(brotliCompressSync('brotli')),
    '/broken-gzip': () => response.setHeader('content-encoding', 'gzip').end('not gzip'),
    '/unchanged': () => response.writeHead(304, { 'content-length': 10_000_000, etag: '"a"' }).end(),
    '/silent': () => undefined,
    '/reset': () => response.destroy(),
  };
  const step = /^\/far(\d+)$/.exec(path)?.[1];
  if (step !== undefined) redirect(`/far${Number(step) + 1}`);
  else (routes[path] ?? (() => response.writeHead(404).end()))();
}

const failure = async (path: string, by?: GuardedFetch): Promise<string> =>
  (by ?? fetch)(path.startsWith('/') ? `http://${host}${path}` : path).then(
    () => 'resolved',
    (error: Error) => error.name,
  );

describe('guarded fetch', () => {
  it('returns status, joined headers and body', async () => {
    const page = await fetch(`http://${host}/ok`, { headers: { 'x-mine': 'yes' } });
    expect({ ...page, body: Buffer.from(page.body).toString(), headers: page.headers['x-a'] }).toEqual({
      requestedUrl: `http://${host}/ok`,
      url: `http://${host}/ok`,
      status: 200,
      headers: '1, 2',
      body: 'hello',
      redirects: [],
    });
    expect(seen.at(-1)).toMatchObject({ 'user-agent': 'test', 'x-mine': 'yes' });
  });

  it('gives a redirect as it is where none is to be followed, without its body', async () => {
    const page = await fetch(`http://${host}/hop`, { follow: false });
    expect([page.status, page.url, page.body.length, movedTo(page)]).toEqual([
      ...[302, `http://${host}/hop`, 0, `http://${host}/ok`],
    ]);
    expect(movedTo(await fetch(`http://${host}/ok`, { follow: false }))).toBeNull();
    const away = await fetch(`http://${host}/to-file`, { follow: false });
    expect(() => movedTo(away)).toThrow(expect.objectContaining({ name: 'UrlNotHttp' }) as Error);
  });

  it('follows redirects and reports the last URL', async () => {
    const page = await fetch(`http://${host}/hop`);
    expect([page.url, page.redirects]).toEqual([`http://${host}/ok`, [`http://${host}/ok`]]);
  });

  it('takes the length of what is unchanged for no body to come', async () => {
    expect(await fetch(`http://${host}/unchanged`)).toMatchObject({ status: 304, headers: { etag: '"a"' } });
    expect(await fetch(`http://${host}/ok`)).toMatchObject({ status: 200 });
  });

  it('decompresses', async () => {
    expect(Buffer.from((await fetch(`http://${host}/br`)).body).toString()).toBe('brotli');
  });

  it.each([
    ['/loop', 'TooManyRedirects'],
    ['/far1', 'TooManyRedirects'],
    ['/to-private', 'AddressRefused'],
    ['/to-metadata', 'AddressRefused'],
    ['/to-other-loopback', 'AddressRefused'],
    ['/to-file', 'UrlNotHttp'],
    ['file:///etc/passwd', 'UrlNotHttp'],
    ['ftp://example.org/', 'UrlNotHttp'],
    ['nonsense', 'UrlNotHttp'],
    ['http://[::ffff:127.0.0.1]/', 'AddressRefused'],
    ['http://2130706433/', 'AddressRefused'],
    ['http://0x7f.1/', 'AddressRefused'],
    ['/declared', 'BodyTooLarge'],
    ['/endless', 'BodyTooLarge'],
    ['/bomb', 'BodyTooLarge'],
    ['/broken-gzip', 'FetchFailed'],
    ['/reset', 'FetchFailed'],
  ])('%s ends with %s', async (path, name) => {
    expect(await failure(path)).toBe(name);
  });

  it('hands a body on as it is sent, and what its sink throws is no fault of the server', async () => {
    const sent: Uint8Array[] = [];
    const sink = (chunk: Uint8Array): Promise<void> => Promise.resolve(void sent.push(chunk));
    const page = await fetch(`http://${host}/br`, { sink });
    expect([page.body.length, Buffer.concat(sent)]).toEqual([0, brotliCompressSync('brotli')]);
    expect(seen.at(-1)?.['accept-encoding']).toBe('identity');
    const full = Object.assign(new Error('no space left'), { code: 'ENOSPC' });
    await expect(fetch(`http://${host}/ok`, { sink: () => Promise.reject(full) })).rejects.toBe(full);
    const over = new AbortController();
    const fullAtTheEnd = (): Promise<void> => (over.abort(new Error('over')), Promise.reject(full));
    await expect(fetch(`http://${host}/ok`, { sink: fullAtTheEnd, signal: over.signal })).rejects.toBe(full);
    const tooMuch = fetch(`http://${host}/endless`, { sink: () => Promise.resolve() });
    await expect(tooMuch).rejects.toMatchObject({ name: 'BodyTooLarge' });
  });

  it('outlives a server that closes while its body waits to be read', async () => {
    const body = Buffer.alloc(131_072);
    const closing = createTcpServer((socket) => {
      socket
        .on('error', () => undefined)
        .once('data', () => {
          socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n`);
          socket.end(body);
        });
    });
    await new Promise<void>((resolve) => closing.listen(0, '127.0.0.1', resolve));
    const closingHost = `127.0.0.1:${(closing.address() as AddressInfo).port}`;
    let sizeBytes = 0;
    const sink = async (chunk: Uint8Array): Promise<void> => {
      sizeBytes += chunk.length;
      await new Promise((resolve) => setTimeout(resolve, 20));
    };
    const get = createGuardedFetch({ allowPrivate: [closingHost], userAgent: 'test' });
    await get(`http://${closingHost}/`, { sink });
    closing.close();
    expect(sizeBytes).toBe(body.length);
  });

  it('gives up on a silent server, and passes the reason of an abort on', async () => {
    await expect(fetch(`http://${host}/silent`, { timeoutMs: 50 })).rejects.toMatchObject({
      name: 'FetchTimeout',
      remedy: 'retry',
    });
    const reason = new Error('stopped');
    await expect(fetch(`http://${host}/silent`, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  it('refuses a name when any one of its addresses is private', async () => {
    const resolve: Resolve = () =>
      Promise.resolve([
        { address: '93.184.216.34', family: 4 },
        { address: '127.0.0.1', family: 4 },
      ]);
    const guarded = createGuardedFetch({ allowPrivate: [], userAgent: 'test', resolve });
    expect(await failure(`http://two-faced.test:${port}/ok`, guarded)).toBe('AddressRefused');
  });

  it('resolves a name once, and connects to what it resolved', async () => {
    const names: string[] = [];
    const resolve: Resolve = (name) => {
      names.push(name);
      return Promise.resolve([{ address: names.length === 1 ? '127.0.0.1' : '10.0.0.1', family: 4 }]);
    };
    const named = createGuardedFetch({ allowPrivate: [`site.test:${port}`], userAgent: 'test', resolve });
    expect((await named(`http://site.test:${port}/ok`)).status).toBe(200);
    expect(names).toEqual(['site.test']);
  });

  it('never lets a name allow a metadata address', async () => {
    const resolve: Resolve = () => Promise.resolve([{ address: '169.254.169.254', family: 4 }]);
    const named = createGuardedFetch({ allowPrivate: ['site.test'], userAgent: 'test', resolve });
    expect(await failure('http://site.test/', named)).toBe('AddressRefused');
  });
});
