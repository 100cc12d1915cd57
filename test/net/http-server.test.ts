import { once } from 'node:events';
import type { EventEmitter } from 'node:events';
import { request as tlsRequest } from 'node:https';
import { connect } from 'node:net';
import { connect as tlsConnect } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { startHttpServer } from '../../src/net/http-server.ts';
import type { HttpServer, HttpServerOptions, PathHandler } from '../../src/net/http-server.ts';
import { RENEWED_CERTIFICATE, RENEWED_KEY, TEST_CERTIFICATE, TEST_KEY } from './test-certificate.ts';

const tls = { cert: TEST_CERTIFICATE, key: TEST_KEY };
/** More than a socket's first piece. */
const LONG = 'x'.repeat(300_000);
const limits = { maxConnections: 8, maxConnectionsPerAddress: 8, requestTimeoutMs: 10_000 };

let server: HttpServer | undefined;
const logged: string[] = [];

const echo: PathHandler = async (request, response, path) => {
  if (path !== '/echo') return false;
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  response.end(Buffer.concat(chunks));
  return true;
};
const broken: PathHandler = (_request, _response, path) => {
  if (path === '/broken') throw new Error('secret path');
  return false;
};

async function start(over: Partial<HttpServerOptions> = {}): Promise<HttpServer> {
  server = await startHttpServer({
    ...{ host: '127.0.0.1', port: 0, limits, handlers: [broken, echo], health: () => ({ status: 'ok', parts: 2 }) },
    log: (message, details) => logged.push(`${message} ${JSON.stringify(details)}`),
    ...over,
  });
  return server;
}

function byTls(port: number, path: string, body = '', ca = TEST_CERTIFICATE): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, path, method: 'POST', ca, agent: false } as const;
    const sent = tlsRequest(options, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        resolve(Buffer.concat(chunks).toString());
      });
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

const byHttp = async (port: number, path: string, body?: string): Promise<string> =>
  (await fetch(`http://127.0.0.1:${port}${path}`, body === undefined ? {} : { method: 'POST', body })).text();

afterEach(async () => {
  await server?.close();
  server = undefined;
  logged.length = 0;
});

describe('a server of several handlers', () => {
  it('asks each whether a path is its own, and answers /health itself', async () => {
    const { port } = await start();
    expect(await byHttp(port, '/echo?a', 'b')).toBe('b');
    expect(await byHttp(port, '/health?')).toBe('{"status":"ok","parts":2}');
    expect(await byHttp(port, '/elsewhere')).toContain('unknown_path');
    expect(await byHttp(port, '/broken')).toContain('unavailable');
    expect(await byHttp(port, '/broken')).not.toContain('secret');
    expect(logged.join()).toContain('secret path');
  });

  it('outlives errors of its socket', async () => {
    const failing: PathHandler = (request, _response, path) => {
      const { server: listening } = request.socket as unknown as { server: EventEmitter };
      for (let index = 0; index < 2; index += 1) listening.emit('error', new Error('too many open files'));
      return path === '';
    };
    const { port } = await start({ handlers: [failing] });
    expect(await byHttp(port, '/elsewhere')).toContain('unknown_path');
    expect(logged.join()).toContain('too many open files');
  });

  it('speaks TLS only where it has a certificate', async () => {
    const running = await start();
    await expect(byTls(running.port, '/health')).rejects.toThrow();
    expect(() => running.renew(tls)).toThrow('speaks HTTP alone');
  });
});

describe('a server that is closed', () => {
  /** Answers once it is told to. @param requests that come before it has begun */
  function held(requests: number): { handler: PathHandler; began: Promise<void>; goOn: () => void } {
    let start: () => void = () => undefined;
    let goOn: () => void = () => undefined;
    const began = new Promise<void>((resolve) => (start = resolve));
    const end = new Promise<void>((resolve) => (goOn = resolve));
    const handler: PathHandler = async (_request, response, path) => {
      if (path !== '/held') return false;
      response.write('half ');
      requests -= 1;
      if (requests === 0) start();
      await end;
      response.end('whole');
      return true;
    };
    return { handler, began, goOn };
  }

  it('ends the answers under way, and takes no new request', async () => {
    const { handler, began, goOn } = held(2);
    const running = await start({ tls, handlers: [handler], drainMs: 60_000 });
    const silent = connect(running.port, '127.0.0.1').on('error', () => undefined);
    const answers = Promise.all([byHttp(running.port, '/held'), byTls(running.port, '/held')]);
    await began;
    const closing = running.close();
    await expect(byHttp(running.port, '/health')).rejects.toThrow();
    goOn();
    expect(await answers).toEqual(['half whole', 'half whole']);
    await closing;
    silent.destroy();
  });

  it('cuts what takes too long', async () => {
    const { handler, began } = held(1);
    const running = await start({ handlers: [handler], drainMs: 20 });
    const answer = byHttp(running.port, '/held').catch(() => 'cut');
    await began;
    await running.close();
    expect(await answer).toBe('cut');
  });
});

describe('HTTP and TLS on one port', () => {
  it('serves both alike, whatever the length', async () => {
    const { port } = await start({ tls });
    const [plain, secret] = await Promise.all([byHttp(port, '/echo', LONG), byTls(port, '/echo', LONG)]);
    expect([plain === LONG, secret === LONG]).toEqual([true, true]);
    expect(await byTls(port, '/health')).toBe(await byHttp(port, '/health'));
  });

  it('serves a request that comes byte by byte', async () => {
    const { port } = await start({ tls });
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    await once(socket, 'connect');
    for (const character of 'GET /health HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n') {
      socket.write(character);
      await new Promise((resolve) => setImmediate(resolve));
    }
    const chunks: Buffer[] = [];
    for await (const chunk of socket as AsyncIterable<Buffer>) chunks.push(chunk);
    expect(Buffer.concat(chunks).toString()).toContain('"status":"ok"');
  });

  it.each([
    ['nothing', ''],
    ['a word', 'GE'],
    ['half a handshake', '\x16\x03\x01'],
    ['half a body', 'POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nx'],
  ])('drops a client that sends %s, and gives back its place', async (_, text) => {
    const { port } = await start({ tls, limits: { ...limits, requestTimeoutMs: 100, maxConnectionsPerAddress: 1 } });
    const slow = connect(port, '127.0.0.1');
    slow.on('error', () => undefined);
    slow.resume();
    await once(slow, 'connect');
    if (text !== '') slow.write(text);
    await once(slow, 'close');
    await expect.poll(() => byTls(port, '/health').catch(() => 'refused'), { timeout: 5000 }).toContain('ok');
  });

  it('takes a new certificate from the next connection on, and keeps the old one where the new is none', async () => {
    const running = await start({ tls });
    expect(() => running.renew({ cert: RENEWED_CERTIFICATE, key: TEST_KEY })).toThrow();
    expect(await byTls(running.port, '/health')).toContain('ok');
    running.renew({ cert: RENEWED_CERTIFICATE, key: RENEWED_KEY });
    await expect(byTls(running.port, '/health')).rejects.toThrow('self-signed');
    expect(await byTls(running.port, '/health', '', RENEWED_CERTIFICATE)).toContain('ok');
  });

  it('closes while clients are silent, within a handshake, and idle', async () => {
    const running = await start({ tls });
    const silent = connect(running.port, '127.0.0.1');
    const secure = tlsConnect({ port: running.port, host: '127.0.0.1', ca: TEST_CERTIFICATE });
    for (const socket of [silent, secure]) socket.on('error', () => undefined).resume();
    await Promise.all([once(silent, 'connect'), once(secure, 'secureConnect')]);
    const closed = Promise.all([once(silent, 'close'), once(secure, 'close')]);
    await running.close();
    await closed;
  });
});
