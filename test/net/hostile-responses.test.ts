import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, describe, expect, it } from 'vitest';
import { createGuardedFetch } from '../../src/net/guarded-fetch.ts';
import type { FetchedPage, GuardedClient } from '../../src/net/guarded-fetch.ts';
import { HOSTILE_ANSWERS } from './hostile-answers.ts';
import { listenHostile } from './hostile-server.ts';
import type { HostileServer } from './hostile-server.ts';

const MAX_BODY_BYTES = 4_000_000;
const ACCEPTS = ['text/html', 'text/plain'];

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

function clientOf(hosts: readonly string[]): GuardedClient {
  const fetch = createGuardedFetch({
    allowPrivate: hosts,
    userAgent: 'test',
    maxBodyBytes: MAX_BODY_BYTES,
    timeoutMs: 2500,
    phases: { headersMs: 1000, idleMs: 1000 },
  });
  closing.push(() => fetch.close());
  return fetch;
}

async function serve(...args: Parameters<typeof listenHostile>): Promise<HostileServer> {
  const server = await listenHostile(...args);
  closing.push(() => server.close());
  return server;
}

const nameOf = (fetched: Promise<FetchedPage>): Promise<string> =>
  fetched.then(
    ({ status }) => `status ${status}`,
    (error: Error) => error.name,
  );

describe('hostile responses', () => {
  it.each(HOSTILE_ANSWERS)('$title: $expected', async ({ act, expected }) => {
    const { host } = await serve(act);
    const timeoutMs = expected === 'FetchTimeout' ? 2500 : 20_000;
    expect(await nameOf(clientOf([host])(`http://${host}/`, { accepts: ACCEPTS, timeoutMs }))).toBe(expected);
  });

  it.each([
    ['name that is a method', 'constructor: x\r\n__proto__: y\r\nhasownproperty: z\r\ncontent-length: 2\r\n', 'ok'],
    ['bytes beyond the length', 'content-length: 2\r\n', 'ok and more'],
    ['a type in capitals, with a parameter', 'content-type: Text/HTML; charset=utf-8\r\ncontent-length: 2\r\n', 'ok'],
    ['no type', 'content-length: 2\r\n', 'ok'],
    [
      'raw deflate',
      'content-encoding: deflate\r\ncontent-length: 4\r\n',
      Buffer.from('cb cf 06 00'.replaceAll(' ', ''), 'hex'),
    ],
  ])('what is odd and harmless is read: %s', async (_, headers, body) => {
    const { host } = await serve((socket) => {
      socket.write(`HTTP/1.1 200 OK\r\n${headers}\r\n`);
      socket.write(body);
    });
    const page = await clientOf([host])(`http://${host}/`, { accepts: ACCEPTS });
    expect(Buffer.from(page.body).toString()).toBe('ok');
    expect(Object.getPrototypeOf(page.headers)).toBe(Object.prototype);
  });

  it('a status other than 2xx is given whatever its type', async () => {
    const { host } = await serve((socket) => {
      socket.write('HTTP/1.1 404 Not Found\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}');
    });
    expect((await clientOf([host])(`http://${host}/`, { accepts: ACCEPTS })).status).toBe(404);
  });

  it('a type is refused before its body is read', async () => {
    let sentBytes = 0;
    const { host } = await serve((socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-type: video/mp4\r\ncontent-length: 3000000\r\n\r\n');
      socket.on('close', () => {
        sentBytes = socket.bytesWritten;
      });
      setTimeout(() => socket.write(Buffer.alloc(3_000_000)), 200);
    });
    expect(await nameOf(clientOf([host])(`http://${host}/`, { accepts: ['text/*'] }))).toBe('ContentTypeRefused');
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(sentBytes).toBeGreaterThan(0);
    expect(sentBytes).toBeLessThan(1000);
  });

  it('times out by phases: a name that does not resolve, TLS that does not begin', async () => {
    const { host } = await serve(() => undefined);
    const never = createGuardedFetch({
      allowPrivate: [host],
      userAgent: 'test',
      phases: { resolveMs: 100, tlsMs: 500 },
      resolve: () => new Promise(() => undefined),
    });
    closing.push(() => never.close());
    const phaseOf = (fetched: Promise<FetchedPage>): Promise<unknown> =>
      fetched.then(
        () => null,
        (error: { details?: { phase?: string } }) => error.details?.phase,
      );
    expect(await phaseOf(never('http://nobody.test/'))).toBe('resolve');
    expect(await phaseOf(never(`https://${host}/`))).toBe('tls');
    expect(await phaseOf(never(`http://${host}/`, { timeoutMs: 100 }))).toBe('all');
    expect(await phaseOf(clientOf([host])(`http://${host}/`))).toBe('headers');
  });

  it('memory stays as it was after 20 rounds of all that end at once', async () => {
    setFlagsFromString('--expose-gc');
    const gc = runInNewContext('gc') as () => void;
    const quick = HOSTILE_ANSWERS.filter(({ expected }) => expected !== 'FetchTimeout');
    const hosts = await Promise.all(quick.map(async ({ act }) => (await serve(act)).host));
    const fetch = clientOf(hosts);
    const round = async (): Promise<void> => {
      await Promise.all(hosts.map((host) => nameOf(fetch(`http://${host}/`, { accepts: ACCEPTS }))));
    };
    const usedBytes = async (): Promise<number> => {
      let leastBytes = Infinity;
      // Sockets are closed, and their memory is given back, in later turns of the loop.
      for (let times = 0; times < 10; times++) {
        await new Promise((resolve) => setTimeout(resolve, 100));
        gc();
        const { heapUsed, external } = process.memoryUsage();
        leastBytes = Math.min(leastBytes, heapUsed + external);
      }
      return leastBytes;
    };
    for (let times = 0; times < 3; times++) await round();
    const before = await usedBytes();
    for (let times = 0; times < 20; times++) await round();
    expect((await usedBytes()) - before).toBeLessThan(MAX_GROWTH_BYTES);
  }, 120_000);
});

/** Less than a tenth of what 20 kept bodies of MAX_BODY_BYTES would be, and more than what compiled code and timers cost. */
const MAX_GROWTH_BYTES = 8_000_000;
