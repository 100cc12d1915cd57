import { describe, expect, it } from 'vitest';
import { parseLocator, publicUrl } from '../../src/commit/locator.ts';
import type { Locator } from '../../src/commit/locator.ts';

const DIGEST = 'ab'.repeat(32);
const AWS = { s3Endpoint: null, hubUrl: 'https://hub.example/' };
const OWN = { ...AWS, s3Endpoint: 'http://127.0.0.1:9000/' };

describe('where a locator says that objects lie', () => {
  it.each([
    ['s3:shards/sn6/a', AWS, `https://shards.s3.amazonaws.com/sn6/a/${DIGEST}`],
    ['s3:shards', AWS, `https://shards.s3.amazonaws.com/${DIGEST}`],
    ['s3:shards/sn6', OWN, `http://127.0.0.1:9000/shards/sn6/${DIGEST}`],
    ['hf:ada/shards', AWS, `https://hub.example/datasets/ada/shards/resolve/main/${DIGEST}`],
    ['https:files.example', AWS, `https://files.example/${DIGEST}`],
    ['https:files.example:8443/sn6/a', AWS, `https://files.example:8443/sn6/a/${DIGEST}`],
  ])('%s', (text, places, url) => {
    const locator = parseLocator(text) as Exclude<Locator, { kind: 'axon' }>;
    expect(publicUrl(locator, DIGEST, places)).toBe(url);
  });

  it('is the axon where it says nothing', () => {
    expect(parseLocator('')).toEqual({ kind: 'axon' });
  });

  it.each([
    ...['ftp:files.example', 's3:', 'hf:ada', 'hf:ada/b/c', 'hf:../b', 's3:Shards/a', 's3:a.b/c', 's3:sh/'],
    ...['s3:shards/../other', 's3:shards//a', 's3:shards/a?x', 's3:shards/%2e%2e', 's3:shards/a#', 's3:a@b/c'],
    ...['https:user@files.example', 'https:files.example?x=', 'https://files.example', 'https:', 'https:[::1]/a', 'x'],
  ])('is nowhere for %j', (text) => {
    expect(parseLocator(text)).toBeNull();
  });
});
