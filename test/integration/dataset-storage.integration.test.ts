import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createHubBucket } from '../../src/datasets/storage/hub-bucket.ts';
import type { HubLibrary } from '../../src/datasets/storage/hub-bucket.ts';
import { createS3Bucket } from '../../src/datasets/storage/s3-bucket.ts';
import type { S3Client, S3Sdk } from '../../src/datasets/storage/s3-bucket.ts';
import { readParts } from '../../stack/parts.ts';
import { storageContract } from '../contracts/storage.ts';
import { startHubStandIn } from '../support/hub-stand-in.ts';

type AwsSdk = S3Sdk & {
  S3Client: new (options: object) => S3Client & { destroy(): void };
  CreateBucketCommand: new (input: object) => unknown;
};

const aws = optional<AwsSdk>('@aws-sdk/client-s3');
const hub = optional<HubLibrary>('@huggingface/hub');
const packages = process.env['SEINE_TEST_PYTHON'] ?? readParts().python?.packages ?? '';
const hasServer = existsSync(join(packages, 'moto'));

// moto answers as S3 does, multipart uploads and ranges included, but checks no signature.
describe.skipIf(aws === null || !hasServer)('S3, by the SDK against the moto server', () => {
  const sdk = aws as AwsSdk;
  let server: ChildProcess;
  let client: InstanceType<AwsSdk['S3Client']>;
  let opened = 0;

  beforeAll(async () => {
    const port = await freePort();
    server = spawn('python3', ['-m', 'moto.server', '-H', '127.0.0.1', '-p', String(port)], {
      env: { ...process.env, PYTHONPATH: packages },
      stdio: 'ignore',
    });
    const endpoint = `http://127.0.0.1:${port}`;
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
    client = new sdk.S3Client({ endpoint, region: 'us-east-1', credentials, forcePathStyle: true });
    await answering(endpoint);
    await client.send(new sdk.CreateBucketCommand({ Bucket: 'shards' }) as never);
  }, 70_000);

  afterAll(() => {
    client.destroy();
    server.kill();
  });

  const open = (prefix: string) => createS3Bucket(sdk, client, { bucket: 'shards', prefix });

  storageContract('object storage in S3', () => {
    opened += 1;
    return Promise.resolve({ drafts: open(`private/${opened}`), released: open(`public/${opened}`) });
  });

  it('sends no part twice after an upload that broke off, and shows nothing before it is whole', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'seine-s3-'));
    const path = join(dir, 'file');
    writeFileSync(path, randomBytes(20 * 2 ** 20));
    const sent: string[] = [];
    let mayFail = true;
    const breaking: S3Client = {
      async send(command: never) {
        const name = (command as object).constructor.name;
        sent.push(name);
        if (mayFail && sent.filter((each) => each === 'UploadPartCommand').length === 3) throw new Error('cut off');
        return await client.send(command);
      },
    };
    const bucket = createS3Bucket(sdk, breaking, { bucket: 'shards', prefix: 'broken' });
    await expect(bucket.writeFile('large', path)).rejects.toThrow('cut off');
    mayFail = false;
    expect(await bucket.size('large')).toBeNull();
    sent.length = 0;
    await bucket.writeFile('large', path);
    expect(sent.filter((each) => each === 'UploadPartCommand')).toHaveLength(1);
    expect(await bucket.size('large')).toBe(20 * 2 ** 20);
    rmSync(dir, { recursive: true });
  });
});

describe.skipIf(hub === null)('the Hugging Face Hub, by its library against a stand-in', () => {
  let standIn: Awaited<ReturnType<typeof startHubStandIn>>;
  let opened = 0;

  beforeAll(async () => {
    standIn = await startHubStandIn();
  });
  afterAll(() => standIn.close());

  storageContract('object storage on the Hub', () => {
    opened += 1;
    const open = (repo: string) =>
      createHubBucket(hub as HubLibrary, { repo, accessToken: 'hf_test', hubUrl: standIn.url });
    return Promise.resolve({ drafts: open(`me/drafts-${opened}`), released: open(`me/shards-${opened}`) });
  });
});

/** A library that may not be installed. */
function optional<Library>(name: string): Library | null {
  try {
    return createRequire(import.meta.url)(name) as Library;
  } catch {
    return null;
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Waits until something answers there. */
async function answering(url: string): Promise<void> {
  for (;;) {
    if (await fetch(url).then(Boolean, () => false)) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
