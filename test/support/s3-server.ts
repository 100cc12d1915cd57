import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../stack/ports.ts';
import { readParts } from '../../stack/parts.ts';

export interface S3Server {
  endpoint: string;
  close: () => Promise<void>;
}

/** The moto server, which set-up brings for the tests: it answers as S3 does, multipart uploads and ranges included, but checks no signature. */
export async function startS3Server(): Promise<S3Server> {
  const packages = readParts().python?.packages ?? '';
  if (!existsSync(join(packages, 'moto'))) throw new Error('moto is missing: run `node stack/setup.mjs --tests`');
  const port = await freePort(0);
  const server = spawn('python3', ['-m', 'moto.server', '-H', '127.0.0.1', '-p', String(port)], {
    env: { ...process.env, PYTHONPATH: packages },
    stdio: 'ignore',
  });
  const ended = new Promise<void>((resolve) => server.once('exit', () => resolve()));
  const endpoint = `http://127.0.0.1:${port}`;
  while (!(await fetch(endpoint).then(Boolean, () => false))) {
    if (server.exitCode !== null) throw new Error(`moto ended with ${server.exitCode}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return {
    endpoint,
    async close() {
      server.kill();
      await ended;
    },
  };
}
