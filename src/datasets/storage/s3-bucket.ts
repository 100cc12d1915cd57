import { createHash } from 'node:crypto';
import { open, readFile, stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import type { Bucket } from './bucket.ts';

/** S3's smallest part but for the last; files below it are sent whole. */
const PART_BYTES = 8 * 2 ** 20;

/** The part of `@aws-sdk/client-s3` that is used here: pass the module itself. */
export interface S3Sdk {
  HeadObjectCommand: Command;
  GetObjectCommand: Command;
  PutObjectCommand: Command;
  DeleteObjectCommand: Command;
  ListMultipartUploadsCommand: Command;
  ListPartsCommand: Command;
  CreateMultipartUploadCommand: Command;
  UploadPartCommand: Command;
  CompleteMultipartUploadCommand: Command;
}

type Command = new (input: never) => unknown;

/** An `S3Client` of that library. */
export interface S3Client {
  send(command: never): Promise<unknown>;
}

interface Part {
  PartNumber?: number;
  ETag?: string;
  Size?: number;
}

/**
 * A bucket in S3 or what speaks its language: `<bucket>/<prefix>/<name>`. Large files go in parts; parts that an earlier try had sent are
 * not sent again. Objects get no ACL: who may read a prefix is the bucket's own policy.
 */
export function createS3Bucket(
  sdk: S3Sdk,
  client: S3Client,
  { bucket, prefix = '' }: { bucket: string; prefix?: string },
): Bucket {
  const keyOf = (name: string): string => (prefix === '' ? name : `${prefix}/${name}`);
  const send = async <Answer>(Kind: Command, name: string, input: object = {}): Promise<Answer> =>
    (await client.send(new Kind({ Bucket: bucket, Key: keyOf(name), ...input } as never) as never)) as Answer;

  const uploadOf = async (name: string): Promise<string> => {
    const { Uploads = [] } = await send<{ Uploads?: { Key?: string; UploadId?: string }[] }>(
      sdk.ListMultipartUploadsCommand,
      name,
      { Key: undefined, Prefix: keyOf(name) },
    );
    const begun = Uploads.find(({ Key }) => Key === keyOf(name))?.UploadId;
    if (begun !== undefined) return begun;
    const { UploadId } = await send<{ UploadId: string }>(sdk.CreateMultipartUploadCommand, name);
    return UploadId;
  };
  const sendInParts = async (name: string, file: FileHandle, sizeBytes: number): Promise<void> => {
    const UploadId = await uploadOf(name);
    const { Parts: sent = [] } = await send<{ Parts?: Part[] }>(sdk.ListPartsCommand, name, { UploadId });
    const Parts: Part[] = [];
    for (let start = 0; start < sizeBytes; start += PART_BYTES) {
      const PartNumber = Parts.length + 1;
      const Body = Buffer.alloc(Math.min(PART_BYTES, sizeBytes - start));
      await file.read(Body, 0, Body.length, start);
      const known = sent.find((part) => part.PartNumber === PartNumber);
      const isSent = known?.Size === Body.length && known.ETag?.replaceAll('"', '') === md5Hex(Body);
      const { ETag } = isSent ? known : await send<Part>(sdk.UploadPartCommand, name, { UploadId, PartNumber, Body });
      Parts.push({ PartNumber, ...(ETag === undefined ? {} : { ETag }) });
    }
    await send(sdk.CompleteMultipartUploadCommand, name, { UploadId, MultipartUpload: { Parts } });
  };

  return {
    place: `s3:${bucket}/${prefix}`,
    async size(name) {
      try {
        return (await send<{ ContentLength?: number }>(sdk.HeadObjectCommand, name)).ContentLength ?? 0;
      } catch (error) {
        if (statusOf(error) === 404) return null;
        throw error;
      }
    },
    async *read(name, range) {
      const Range = range && `bytes=${range.start}-${range.end - 1}`;
      const { Body } = await send<{ Body: AsyncIterable<Uint8Array> }>(sdk.GetObjectCommand, name, { Range });
      yield* Body;
    },
    async writeFile(name, path) {
      const { size } = await stat(path);
      if (size <= PART_BYTES) {
        await send(sdk.PutObjectCommand, name, { Body: await readFile(path) });
        return;
      }
      const file = await open(path, 'r');
      try {
        await sendInParts(name, file, size);
      } finally {
        await file.close();
      }
    },
    async remove(name) {
      await send(sdk.DeleteObjectCommand, name);
    },
  };
}

/** How S3 names a part's bytes. */
function md5Hex(bytes: Uint8Array): string {
  return createHash('md5').update(bytes).digest('hex');
}

function statusOf(error: unknown): number | undefined {
  return (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
}
