import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../../src/core/canonical-json.ts';
import { sha256Hex } from '../../src/core/hash/sha256.ts';
import type { Manifest } from '../../src/core/manifest.ts';
import { encodeManifest, manifestDigest, parseManifest } from '../../src/commit/manifest.ts';
import { exampleManifest, HOTKEY } from './support/example-manifest.ts';

/** Parses what a hostile miner may have written: any value, with the digest that its bytes do have. */
function parse(value: unknown, text = canonicalJson(value)): Manifest {
  const bytes = new TextEncoder().encode(text);
  return parseManifest(bytes, { digest: sha256Hex(bytes), netuid: 1, hotkey: HOTKEY });
}

const fault = (reason: string): unknown =>
  expect.objectContaining({ name: 'ManifestInvalid', details: expect.objectContaining({ reason }) as unknown });

describe('a manifest', () => {
  const good = exampleManifest();
  const [shard] = good.shards;

  it('is read back as it was written, under its digest', () => {
    const bytes = new TextEncoder().encode(encodeManifest(good));
    expect(parseManifest(bytes, { digest: manifestDigest(good), netuid: 1, hotkey: HOTKEY })).toEqual(good);
  });

  it('must have the digest that was committed', () => {
    const bytes = new TextEncoder().encode(encodeManifest(good));
    const expected = { digest: 'f'.repeat(64), netuid: 1, hotkey: HOTKEY };
    expect(() => parseManifest(bytes, expected)).toThrow(fault('manifest_digest'));
  });

  it.each([
    ['spaces', JSON.stringify(good, null, 1)],
    ['a key twice', canonicalJson(good).replace('{', '{"rows":5,')],
    ['a byte order mark', `\ufeff${canonicalJson(good)}`],
    ['no JSON', 'hello'],
  ])('is refused with %s', (_, text) => {
    expect(() => parse(good, text)).toThrow(fault('manifest_canonical'));
  });

  it('is refused when it is not UTF-8', () => {
    const bytes = Uint8Array.of(0x22, 0xff, 0x22);
    const expected = { digest: sha256Hex(bytes), netuid: 1, hotkey: HOTKEY };
    expect(() => parseManifest(bytes, expected)).toThrow(fault('manifest_canonical'));
  });

  it.each([
    ['manifest_format', 'a surplus field', { ...good, note: 'x' }],
    ['manifest_format', 'no shards', { ...good, shards: [], rows: 0 }],
    ['manifest_format', 'a 65th shard', { ...good, shards: Array.from({ length: 65 }, () => shard), rows: 650 }],
    ['manifest_format', 'a shard above 512 MB', { ...good, shards: [{ ...shard, bytes: 512_000_001 }] }],
    ['manifest_format', 'another schema', { ...good, schema: 'seine-record-2' }],
    ['manifest_format', 'text for a number', { ...good, seq: '0' }],
    ['manifest_totals', 'rows that do not add up', { ...good, rows: 11 }],
    ['manifest_totals', 'a shard twice', { ...good, shards: [shard, shard], rows: 20 }],
    ['manifest_totals', 'another root than its only shard', { ...good, rows_root: 'd'.repeat(64) }],
    ['manifest_totals', 'a predecessor of the first', { ...good, previous: 'd'.repeat(64) }],
    ['manifest_totals', 'a later one without predecessor', { ...good, seq: 1 }],
    [
      'manifest_totals',
      'times in the wrong order',
      { ...good, shards: [{ ...shard, min_created_at: 2, max_created_at: 1 }] },
    ],
    ['manifest_signer', 'another hotkey', { ...good, hotkey: 'somebody' }],
    ['manifest_signer', 'another subnet', { ...good, netuid: 2 }],
  ])('is refused as %s with %s', (reason, _, value) => {
    expect(() => parse(value)).toThrow(fault(reason));
  });

  it('is not written in a form that readers refuse', () => {
    expect(() => encodeManifest({ ...good, rows: 11 })).toThrow(fault('manifest_totals'));
  });
});
