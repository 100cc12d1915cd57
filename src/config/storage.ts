import { optional, path, secret, text, url } from './parsers.ts';
import { setting } from './setting.ts';
import type { Setting } from './setting.ts';

/** Rows of the settings table: where committed objects lie. */
export const STORAGE = {
  'storage.s3_endpoint': setting(
    'SEINE_S3_ENDPOINT',
    null,
    optional(url('http:', 'https:')),
    'S3-compatible storage that s3: locators lie in; not set: AWS',
  ),
  'storage.s3_region': setting(
    'SEINE_S3_REGION',
    'us-east-1',
    text(/^[\w-]+$/, 'one word'),
    'region of the S3 buckets',
  ),
  'storage.s3_access_key': setting(
    'SEINE_S3_ACCESS_KEY',
    null,
    secret(),
    "id of the key that writes to S3; not set: as AWS's own tools find one",
    { secret: true },
  ),
  'storage.s3_secret_key': setting('SEINE_S3_SECRET_KEY', null, secret(), 'secret of that key', { secret: true }),
  'storage.s3_drafts': setting(
    'SEINE_S3_DRAFTS',
    null,
    optional(text(/^[a-z0-9-]+(\/[\w.~-]+)*$/, 'bucket/prefix')),
    'private bucket/prefix for what is not committed yet; not set: it stays on this machine until then',
  ),
  'storage.hub_url': setting(
    'SEINE_HUB_URL',
    'https://huggingface.co',
    url('http:', 'https:'),
    'Hub that hf: locators lie in',
  ),
  'storage.hub_token': setting('SEINE_HUB_TOKEN', null, secret(), 'token that writes to the Hub', { secret: true }),
  'storage.web_folder': setting(
    'SEINE_WEB_FOLDER',
    null,
    optional(path()),
    'folder that a web server of yours serves at the https: locator',
  ),
} as const satisfies Readonly<Record<string, Setting<unknown>>>;
