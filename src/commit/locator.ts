/** What the locator of a commitment says: where a miner's objects lie, each under its digest. */
export type Locator =
  /** The miner's own axon on chain serves them. */
  | { kind: 'axon' }
  /** A bucket of S3, or of what speaks its language; `prefix` without slashes at its ends, maybe empty. */
  | { kind: 's3'; bucket: string; prefix: string }
  /** A public dataset repository of the Hugging Face Hub, `owner/name`. */
  | { kind: 'hf'; repo: string }
  /** Any web server: `https://host[:port][/path]`. */
  | { kind: 'https'; url: string };

/** Where the public reads of a locator go. */
export interface PublicPlaces {
  /** Base URL of an S3-compatible storage; null: AWS, where each bucket has a host of its own. */
  s3Endpoint: string | null;
  /** Base URL of the Hub. */
  hubUrl: string;
}

// Signs that need no escaping in a URL, and no segment that climbs. A bucket has no dots: its name becomes part of a host that has a certificate.
const SEGMENT = /^(?!\.{1,2}$)[\w.~-]+$/;
const BUCKET = /^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/;
const HOST = /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?$/;

/** Reads a locator; null where it is none that we know. */
export function parseLocator(text: string): Locator | null {
  if (text === '') return { kind: 'axon' };
  const [, kind, rest = ''] = /^(s3|hf|https):(.+)$/.exec(text) ?? [];
  const [first = '', ...segments] = rest.split('/');
  if (!segments.every((segment) => SEGMENT.test(segment))) return null;
  const path = segments.join('/');
  if (kind === 's3' && BUCKET.test(first)) return { kind, bucket: first, prefix: path };
  if (kind === 'hf' && SEGMENT.test(first) && segments.length === 1) return { kind, repo: rest };
  if (kind === 'https' && HOST.test(first)) return { kind, url: `https://${rest}` };
  return null;
}

/** The URL at which everybody can read an object of a locator other than an axon. */
export function publicUrl(locator: Exclude<Locator, { kind: 'axon' }>, digest: string, places: PublicPlaces): string {
  if (locator.kind === 'https') return `${locator.url}/${digest}`;
  if (locator.kind === 'hf') return `${bare(places.hubUrl)}/datasets/${locator.repo}/resolve/main/${digest}`;
  const key = locator.prefix === '' ? digest : `${locator.prefix}/${digest}`;
  if (places.s3Endpoint === null) return `https://${locator.bucket}.s3.amazonaws.com/${key}`;
  return `${bare(places.s3Endpoint)}/${locator.bucket}/${key}`;
}

function bare(url: string): string {
  return url.replace(/\/+$/, '');
}
