import { chmod, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { signatureVerify } from '@polkadot/util-crypto';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { connectSigner, parseSignerUrl } from '../../../src/commit/keys/external-signer.ts';
import { startSignerServer, type SignerServer } from '../../../src/commit/keys/signer-server.ts';
import { openDevelopmentKey } from '../../../src/commit/keys/wallet.ts';
import type { Signer } from '../../../src/core/chain.ts';

let alice: Signer;
let bob: Signer;
let dir: string;
const closers: (() => Promise<void>)[] = [];

beforeAll(async () => {
  alice = await openDevelopmentKey({ uri: '//Alice', development: true });
  bob = await openDevelopmentKey({ uri: '//Bob', development: true });
});
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'seine-signer-'));
});
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
  await rm(dir, { recursive: true, force: true });
});

async function serve(
  listen: Parameters<typeof startSignerServer>[0]['listen'],
  lines: string[] = [],
): Promise<SignerServer> {
  const server = await startSignerServer({ signer: alice, listen, log: (line) => lines.push(line) });
  closers.push(() => server.close());
  return server;
}

/** A signer of the test's own, on loopback. */
async function pretend(answer: RequestListener): Promise<string> {
  const server: Server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(
    () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('a signer process', () => {
  it.each(['socket', 'port'])('signs by a %s', async (kind) => {
    const lines: string[] = [];
    const { url } = await serve(
      kind === 'port' ? { port: 0 } : { socketPath: join(dir, 'signer.sock'), groupMaySign: false },
      lines,
    );
    const signer = await connectSigner(url);
    expect(signer.address).toBe(alice.address);
    for (const message of [Buffer.from('hello'), Buffer.alloc(20_000, 7)]) {
      expect(signatureVerify(message, await signer.sign(message), alice.address).isValid).toBe(true);
    }
    expect(lines).toEqual(['signed 5 bytes', 'signed 20000 bytes']);
  });

  it('has a socket for its owner alone, or for the group as well', async () => {
    for (const [groupMaySign, mode] of [
      [false, 0o600],
      [true, 0o660],
    ] as const) {
      const socketPath = join(dir, `signer-${mode}.sock`);
      await serve({ socketPath, groupMaySign });
      expect((await stat(socketPath)).mode & 0o777).toBe(mode);
    }
  });

  it('takes the place of one that was killed, not of one that runs', async () => {
    const socketPath = join(dir, 'signer.sock');
    await writeFile(socketPath, '');
    await chmod(socketPath, 0o600);
    await serve({ socketPath, groupMaySign: false });
    await expect(serve({ socketPath, groupMaySign: false })).rejects.toThrow(/can't listen there/);
  });

  it('refuses web pages, other hosts, other paths and what is no payload', async () => {
    const { url } = await serve({ port: 0 });
    const ask = async (path: string, init: RequestInit): Promise<number> => (await fetch(`${url}${path}`, init)).status;
    const post = (body: string, headers: Record<string, string> = {}): RequestInit => ({
      method: 'POST',
      body,
      headers,
    });
    expect(await ask('/sign', post('{"payload":"0x00"}', { origin: 'http://evil.example' }))).toBe(403);
    expect(await ask('/keys', {})).toBe(404);
    expect(await ask('/sign', post('{"payload":"zz"}'))).toBe(400);
    expect(await ask('/sign', post('not json'))).toBe(400);
    expect(await ask('/sign', post('x'.repeat(70_000)))).toBe(413);
    expect(await ask('/sign', post('{"payload":"0x00"}'))).toBe(200);
  });
});

describe('what a signer answers is checked', () => {
  it('refuses a signature of another key, and one over something else', async () => {
    const message = Buffer.from('pay nobody');
    for (const wrong of [await bob.sign(message), await alice.sign(Buffer.from('pay mallory'))]) {
      const signature = `0x${Buffer.from(wrong).toString('hex')}`;
      const url = await pretend((incoming, answer) => {
        answer.end(JSON.stringify(incoming.url === '/address' ? { address: alice.address } : { signature }));
      });
      await expect((await connectSigner(url)).sign(message)).rejects.toMatchObject({ name: 'SignerRefused' });
    }
  });

  it.each<[string, RequestListener]>([
    ['no address', (_, answer) => answer.end('{"address":"5Short"}')],
    ['no JSON', (_, answer) => answer.end('hello')],
    ['an error', (_, answer) => answer.writeHead(500).end('{}')],
  ])('refuses %s', async (_, listener) => {
    await expect(connectSigner(await pretend(listener))).rejects.toMatchObject({ name: 'SignerRefused' });
  });

  it('gives up an endless answer, and says where nobody is', async () => {
    const endless = await pretend((_, answer) => void answer.end('x'.repeat(100_000)));
    await expect(connectSigner(endless)).rejects.toMatchObject({ name: 'SignerUnreachable', exitCode: 3 });
    await expect(connectSigner(`unix:${join(dir, 'nobody.sock')}`)).rejects.toThrow(/seine wallet serve/);
  });

  it.each(['http://192.0.2.1:80', 'https://127.0.0.1:1', 'http://127.0.0.1', 'unix:', 'http://localhost:99999'])(
    'does not go to %s',
    async (url) => {
      expect(parseSignerUrl(url)).toBeNull();
      await expect(connectSigner(url)).rejects.toMatchObject({ name: 'SignerRefused' });
    },
  );
});
