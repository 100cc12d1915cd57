import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as aws from '@aws-sdk/client-s3';
import * as hub from '@huggingface/hub';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createHubBucket } from '../../src/datasets/storage/hub-bucket.ts';
import { createS3Bucket } from '../../src/datasets/storage/s3-bucket.ts';
import type { S3Client, S3Sdk } from '../../src/datasets/storage/s3-bucket.ts';
import { storageContract } from '../contracts/storage.ts';
import { startHubStandIn } from '../support/hub-stand-in.ts';
import { startS3Server } from '../support/s3-server.ts';
import type { S3Server } from '../support/s3-server.ts';

describe('S3, by the SDK against the moto server', () => {
  const sdk = aws as unknown as S3Sdk;
  let server: S3Server;
  let client: S3Client & { destroy(): void };
  let opened = 0;

  beforeAll(async () => {
    server = await startS3Server();
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
    const own = new aws.S3Client({ endpoint: server.endpoint, region: 'us-east-1', credentials, forcePathStyle: true });
    await own.send(new aws.CreateBucketCommand({ Bucket: 'shards' }));
    client = own;
  }, 70_000);

  afterAll(async () => {
    client.destroy();
    await server.close();
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

describe('the Hugging Face Hub, by its library against a stand-in', () => {
  let standIn: Awaited<ReturnType<typeof startHubStandIn>>;
  let opened = 0;

  beforeAll(async () => {
    standIn = await startHubStandIn();
  });
  afterAll(() => standIn.close());

  storageContract('object storage on the Hub', () => {
    opened += 1;
    const open = (repo: string) => createHubBucket(hub, { repo, accessToken: 'hf_test', hubUrl: standIn.url });
    return Promise.resolve({ drafts: open(`me/drafts-${opened}`), released: open(`me/shards-${opened}`) });
  });
});
