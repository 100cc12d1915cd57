import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { connect } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createGuardedFetch } from '../../src/net/guarded-fetch.ts';
import type { GuardedFetchOptions } from '../../src/net/guarded-fetch.ts';
import { parseProxy } from '../../src/net/proxy-tunnel.ts';
import { listenHostile } from './hostile-server.ts';
import { TEST_CERTIFICATE, TEST_KEY } from './test-certificate.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function listen(server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** A proxy that keeps what it was asked for; one that is secure speaks TLS to its clients. */
async function proxy(
  isSecure = false,
): Promise<{ port: number; asked: string[]; credentials: (string | undefined)[] }> {
  const asked: string[] = [];
  const credentials: (string | undefined)[] = [];
  const server = isSecure ? createSecureServer({ key: TEST_KEY, cert: TEST_CERTIFICATE }) : createServer();
  server.on('connect', (request, client: Socket, head: Buffer) => {
    asked.push(request.url ?? '');
    credentials.push(request.headers['proxy-authorization']);
    const { hostname, port } = new URL(`http://${request.url}`);
    const target = connect(Number(port), hostname, () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      target.write(head);
      target.pipe(client).pipe(target);
    });
    target.on('error', () => client.destroy());
    client.on('error', () => target.destroy());
  });
  return { port: await listen(server), asked, credentials };
}

function clientOf(options: Partial<GuardedFetchOptions>): ReturnType<typeof createGuardedFetch> {
  const fetch = createGuardedFetch({
    allowPrivate: [],
    userAgent: 'test',
    ca: TEST_CERTIFICATE,
    resolve: (name) => Promise.resolve([{ address: name === 'inside.test' ? '10.0.0.1' : '127.0.0.1', family: 4 }]),
    ...options,
  });
  closing.push(() => fetch.close());
  return fetch;
}

describe('a proxy', () => {
  it.each([
    ['http', false],
    ['https', true],
  ])('leads to the checked address, by %s and by TLS through it', async (scheme, isSecure) => {
    const { port, asked, credentials } = await proxy(isSecure);
    const plain = await listen(createServer((_, response) => response.end('plain')));
    const secure = await listen(
      createSecureServer({ key: TEST_KEY, cert: TEST_CERTIFICATE }, (_, response) => response.end('secure')),
    );
    const fetch = clientOf({
      allowPrivate: [`site.test:${plain}`, `site.test:${secure}`],
      proxy: `${scheme}://me:p%40ss@localhost:${port}`,
    });
    const bodies = [];
    for (const url of [`http://site.test:${plain}/`, `https://site.test:${secure}/`])
      bodies.push(Buffer.from((await fetch(url)).body).toString());
    expect(bodies).toEqual(['plain', 'secure']);
    expect(asked).toEqual([`127.0.0.1:${plain}`, `127.0.0.1:${secure}`]);
    expect(credentials[0]).toBe(`Basic ${Buffer.from('me:p@ss').toString('base64')}`);
  });

  it.each(['http://127.0.0.1:81/', 'http://inside.test/', 'https://inside.test/', 'http://169.254.169.254/'])(
    'is never asked for %s',
    async (url) => {
      const { port, asked } = await proxy();
      const fetch = clientOf({ proxy: `http://127.0.0.1:${port}` });
      await expect(fetch(url)).rejects.toMatchObject({ name: 'AddressRefused' });
      expect(asked).toEqual([]);
    },
  );

  it.each<[string, (socket: Socket) => void]>([
    ['refuses', (socket) => socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n')],
    ['speaks something else', (socket) => socket.end('SSH-2.0-OpenSSH\r\n\r\n')],
    ['hangs up', (socket) => socket.end()],
    ['is silent', () => undefined],
    ['has no end', (socket) => socket.write(`HTTP/1.1 200 OK\r\nx: ${'a'.repeat(20_000)}`)],
  ])('that %s fails as itself, and its password is not told', async (_, act) => {
    const server = await listenHostile(act);
    closing.push(() => server.close());
    const fetch = clientOf({
      proxy: `http://me:secret@${server.host}`,
      phases: { connectMs: 200 },
      allowPrivate: ['site.test'],
    });
    const error: unknown = await fetch('http://site.test/').catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: 'ProxyFailed', remedy: 'retry' });
    expect((error as Error).message).not.toContain('secret');
  });

  it.each(['socks5://127.0.0.1:1', 'nonsense', 'http://127.0.0.1/path'])('%s is none', (text) => {
    expect(() => parseProxy(text)).toThrow('fetch.proxy');
  });
});
