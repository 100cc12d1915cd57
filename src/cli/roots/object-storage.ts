import { join } from 'node:path';
import { parseLocator } from '../../commit/locator.ts';
import type { PublicPlaces } from '../../commit/locator.ts';
import type { Settings } from '../../config/load.ts';
import { SeineError } from '../../core/errors.ts';
import type { Bucket } from '../../datasets/storage/bucket.ts';
import { createFolderBucket } from '../../datasets/storage/folder-bucket.ts';
import { createHubBucket } from '../../datasets/storage/hub-bucket.ts';
import { createObjectStorage } from '../../datasets/storage/object-storage.ts';
import type { ObjectStorage } from '../../datasets/storage/object-storage.ts';
import { createS3Bucket } from '../../datasets/storage/s3-bucket.ts';
import type { S3Client, S3Sdk } from '../../datasets/storage/s3-bucket.ts';
import { createGuardedFetch } from '../../net/guarded-fetch.ts';
import type { GuardedFetch } from '../../net/guarded-fetch.ts';
import { networkOptions } from './network-options.ts';

/** The miner's locator is none that it can put objects at. */
export class LocatorNotWritableError extends SeineError {
  constructor(locator: string, remedy: string) {
    super('LocatorNotWritable', `objects can't be put at miner.locator ${JSON.stringify(locator)}: ${remedy}`, {
      details: { locator },
      exitCode: 2,
    });
  }
}

/**
 * What lies at the miner's locator; null where the miner itself serves its objects. Drafts stay in a folder of this machine unless settings name a
 * private place in S3: on the Hub all of a repository is seen by whoever sees any of it.
 * @param home the operator's folder
 * @throws LocatorNotWritableError
 */
export async function openObjectStorage(
  { values }: Settings,
  home: string,
): Promise<{ storage: ObjectStorage; close: () => void } | null> {
  const text = values['miner.locator'];
  const locator = parseLocator(text);
  if (locator === null)
    throw new LocatorNotWritableError(text, 'it is not s3:bucket/prefix, hf:owner/dataset or https:host/path');
  if (locator.kind === 'axon') return null;
  const folder = createFolderBucket(join(home, 'drafts'));
  const open = (released: Bucket, drafts: Bucket = folder): ObjectStorage =>
    createObjectStorage({ drafts, released, scratch: join(home, 'scratch') });
  if (locator.kind === 'https') {
    const served = values['storage.web_folder'];
    if (served === null)
      throw new LocatorNotWritableError(text, 'name the folder that is served there, storage.web_folder');
    return { storage: open(createFolderBucket(served)), close: () => undefined };
  }
  if (locator.kind === 'hf') {
    const accessToken = values['storage.hub_token']?.reveal();
    if (accessToken === undefined) throw new LocatorNotWritableError(text, 'set storage.hub_token (SEINE_HUB_TOKEN)');
    const hub = await import('@huggingface/hub');
    const request = { repo: locator.repo, accessToken, hubUrl: bare(values['storage.hub_url']) };
    return { storage: open(createHubBucket(hub, request)), close: () => undefined };
  }
  const { bucket, prefix } = locator;
  const { sdk, client } = await openS3(values);
  const [draftBucket = '', ...draftPrefix] = values['storage.s3_drafts']?.split('/') ?? [];
  const drafts = { bucket: draftBucket, prefix: draftPrefix.join('/') };
  if (drafts.bucket === bucket && `${drafts.prefix}/`.startsWith(prefix === '' ? '' : `${prefix}/`)) {
    throw new LocatorNotWritableError(text, 'storage.s3_drafts lies within it, where everybody can read');
  }
  const released = createS3Bucket(sdk, client, { bucket, prefix });
  const storage = draftBucket === '' ? open(released) : open(released, createS3Bucket(sdk, client, drafts));
  return { storage, close: () => client.destroy() };
}

async function openS3(values: Settings['values']): Promise<{ sdk: S3Sdk; client: S3Client & { destroy(): void } }> {
  const sdk = await import('@aws-sdk/client-s3');
  const endpoint = values['storage.s3_endpoint'];
  const accessKeyId = values['storage.s3_access_key']?.reveal();
  const secretAccessKey = values['storage.s3_secret_key']?.reveal();
  const client = new sdk.S3Client({
    region: values['storage.s3_region'],
    ...(endpoint === null ? {} : { endpoint, forcePathStyle: true }),
    ...(accessKeyId === undefined || secretAccessKey === undefined
      ? {}
      : { credentials: { accessKeyId, secretAccessKey } }),
    // Objects carry their digest as their name; not every S3-compatible storage knows the checksums that AWS has added.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
  return { sdk: sdk as unknown as S3Sdk, client: client as unknown as S3Client & { destroy(): void } };
}

/** Where validators read what lies at the locators of others. */
export function publicPlaces({ values }: Settings): PublicPlaces {
  return { s3Endpoint: values['storage.s3_endpoint'], hubUrl: values['storage.hub_url'] };
}

/** Clients for these places: their hosts may be on a private network, those that others name may not. */
export function publicFetch(settings: Settings): { named: GuardedFetch; stranger: GuardedFetch } {
  const { values } = settings;
  const network = networkOptions(settings);
  const hosts = [values['storage.s3_endpoint'], values['storage.hub_url']]
    .filter((url) => url !== null)
    .map((url) => new URL(url).host);
  return {
    named: createGuardedFetch({ ...network, allowPrivate: hosts }),
    stranger: createGuardedFetch({ ...network, allowPrivate: [] }),
  };
}

function bare(url: string): string {
  return url.replace(/\/+$/, '');
}
