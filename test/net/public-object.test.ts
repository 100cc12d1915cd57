import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sha256Hex } from '../../src/core/hash/sha256.ts';
import { createGuardedFetch } from '../../src/net/guarded-fetch.ts';
import { fetchPublicObjectToFile } from '../../src/net/public-object.ts';

const OBJECT = Buffer.alloc(30_000, 'row');
const DIGEST = sha256Hex(OBJECT);

const routes: Record<string, (response: ServerResponse) => unknown> = {
  '/good': (response) => response.end(OBJECT),
  '/moved': (response) => response.writeHead(302, { location: '/good' }).end(),
  '/inside': (response) => response.writeHead(302, { location: 'http://10.0.0.1/good' }).end(),
  '/other': (response) => response.end('something else'),
  '/larger': (response) => response.end(Buffer.alloc(40_001)),
  '/private': (response) => response.writeHead(403).end('<Error>AccessDenied</Error>'),
  '/busy': (response) => response.writeHead(503).end(),
  '/cut': (response) => response.writeHead(200, { 'content-length': 30_000 }).write('row', () => response.destroy()),
  // A byte now and then, for longer than anybody waits.
  '/trickle': (response) => {
    const timer = setInterval(() => response.write('r'), 500);
    response.once('close', () => clearInterval(timer));
  },
};
const server = createServer((request, response) => void routes[request.url ?? '']?.(response));
let host: string;
let folder: string;

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'seine-public-object-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** The digest of the file. */
async function get(path: string, allowPrivate: readonly string[] = [host]): Promise<string> {
  const fetch = createGuardedFetch({ allowPrivate, userAgent: 'test' });
  const bounds = { maxBytes: 40_000, timeoutMs: 30_000, minBytesPerSecond: 1000 };
  const file = join(folder, 'object');
  await fetchPublicObjectToFile({ fetch, url: `http://${host}${path}`, digest: DIGEST, ...bounds }, file);
  return sha256Hex(await readFile(file));
}

describe('an object that anybody may read', () => {
  it.each(['/good', '/moved'])('is had from %s', async (path) => {
    expect(await get(path)).toBe(DIGEST);
  });

  it.each([
    ['/other', { name: 'ObjectRejected', reason: 'digest' }],
    ['/larger', { name: 'ObjectRejected', reason: 'too_large' }],
    ['/private', { name: 'PeerRefused', reason: 'http_403', remedy: 'never' }],
    ['/busy', { name: 'PeerRefused', reason: 'http_503', remedy: 'retry' }],
    ['/cut', { name: 'PeerUnreachable', reason: 'connection' }],
    ['/trickle', { name: 'PeerUnreachable', reason: 'too_slow' }],
    ['/inside', { name: 'AddressRefused' }],
  ])('is not had from %s', async (path, error) => {
    await expect(get(path)).rejects.toMatchObject(error);
    expect(await readdir(folder)).toEqual([]);
  });

  it('is not looked for on this machine unless that is allowed by name', async () => {
    await expect(get('/good', [])).rejects.toMatchObject({ name: 'AddressRefused' });
  });
});
