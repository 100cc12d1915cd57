import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openTlsFiles } from '../../src/net/tls-files.ts';
import type { TlsFiles } from '../../src/net/tls-files.ts';
import { RENEWED_CERTIFICATE, RENEWED_KEY, TEST_CERTIFICATE, TEST_KEY } from './test-certificate.ts';

let folder = '';
let files: TlsFiles | null = null;
const changes: string[] = [];
const refusals: string[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tls-'));
});
afterEach(async () => {
  files?.close();
  files = null;
  changes.length = 0;
  refusals.length = 0;
  await rm(folder, { recursive: true });
});

const certFile = (): string => join(folder, 'cert.pem');
const keyFile = (): string => join(folder, 'key.pem');

async function open(pollMs = 3_600_000): Promise<TlsFiles> {
  files = await openTlsFiles({
    ...{ certFile: certFile(), keyFile: keyFile(), pollMs },
    onChange: ({ cert }) => changes.push(cert),
    onRefused: (error) => refusals.push(error.message),
  });
  return files;
}

it('is refused at the start where the files are no pair', async () => {
  await expect(open()).rejects.toMatchObject({ name: 'TlsFilesRefused' });
  await writeFile(certFile(), TEST_CERTIFICATE);
  await writeFile(keyFile(), RENEWED_KEY);
  await expect(open()).rejects.toThrow('no certificate with its key');
});

it('takes a renewed pair once both are there, and keeps the last good one meanwhile', async () => {
  await writeFile(certFile(), TEST_CERTIFICATE);
  await writeFile(keyFile(), TEST_KEY);
  const { certificate, poll } = await open();
  expect(certificate).toEqual({ cert: TEST_CERTIFICATE, key: TEST_KEY });
  await writeFile(certFile(), RENEWED_CERTIFICATE);
  await poll();
  await poll();
  expect([changes.length, refusals.length]).toEqual([0, 1]);
  await writeFile(keyFile(), RENEWED_KEY);
  await poll();
  expect(changes).toEqual([RENEWED_CERTIFICATE]);
});

it('looks by itself', async () => {
  await writeFile(certFile(), TEST_CERTIFICATE);
  await writeFile(keyFile(), TEST_KEY);
  await open(5);
  await writeFile(certFile(), RENEWED_CERTIFICATE);
  await writeFile(keyFile(), RENEWED_KEY);
  await expect.poll(() => changes).toEqual([RENEWED_CERTIFICATE]);
});
