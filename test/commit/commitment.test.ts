import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeCommitment,
  encodeCommitment,
  encodeSecretCommitment,
  MAX_COMMITMENT_BYTES,
} from '../../src/commit/commitment.ts';

const digest = 'ab'.repeat(32);

const commitments = fc.record({
  manifest: fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes).toString('hex')),
  seq: fc.nat(),
  rows: fc.nat(),
  locator: fc.constantFrom('', 's3:bucket/prefix', 'hf:user/repo', 'https:example.com:8443/a:b'),
});

describe('encodeCommitment', () => {
  it('writes the form of DESIGN.md', () => {
    const text = encodeCommitment({ manifest: digest, seq: 35, rows: 1296, locator: 'hf:user/repo' });
    expect(text).toBe(`s1:${Buffer.from(digest, 'hex').toString('base64url')}:z:100:hf:user/repo`);
  });

  it('is read back as it was written, in at most 100 bytes of ASCII', () => {
    fc.assert(
      fc.property(commitments, (commitment) => {
        const text = encodeCommitment(commitment);
        expect(text).toMatch(/^[!-~]{1,100}$/);
        expect(decodeCommitment(text)).toEqual({ kind: 'manifest', ...commitment });
      }),
    );
  });

  it('refuses what does not fit and says by how much', () => {
    const locator = `s3:${'b'.repeat(60)}`;
    expect(() => encodeCommitment({ manifest: digest, seq: 0, rows: 0, locator })).toThrow(/114 bytes.*by 14/);
    const fits = `s3:${'b'.repeat(46)}`;
    expect(encodeCommitment({ manifest: digest, seq: 0, rows: 0, locator: fits })).toHaveLength(MAX_COMMITMENT_BYTES);
  });

  it.each([
    { manifest: 'abc' },
    { manifest: digest.toUpperCase() },
    { seq: -1 },
    { seq: 1.5 },
    { rows: 2 ** 53 },
    { locator: 'ftp:host' },
    { locator: 'https:hôst' },
    { locator: 's3:a b' },
  ])('refuses %o', (wrong) => {
    const commitment = { manifest: digest, seq: 0, rows: 1, locator: '', ...wrong };
    expect(() => encodeCommitment(commitment)).toThrow(expect.objectContaining({ name: 'InvalidInput' }));
  });
});

describe('encodeSecretCommitment', () => {
  it('writes period and digest, which are read back', () => {
    const text = encodeSecretCommitment({ period: 495_000, digest });
    expect(text).toBe('p1:495000:q6urq6urq6urq6urq6urq6urq6urq6urq6urq6urq6s');
    expect(decodeCommitment(text)).toEqual({ kind: 'secret', period: 495_000, digest });
  });

  it.each([{ period: -1 }, { period: 1.5 }, { digest: 'abc' }])('refuses %o', (wrong) => {
    expect(() => encodeSecretCommitment({ period: 1, digest, ...wrong })).toThrow(
      expect.objectContaining({ name: 'InvalidInput' }),
    );
  });
});

describe('decodeCommitment', () => {
  const good = encodeCommitment({ manifest: digest, seq: 10, rows: 1000, locator: '' });
  const secret = encodeSecretCommitment({ period: 12, digest });

  it.each([
    ['a dataset URL', 'https://huggingface.co/datasets/someone/something'],
    ['nothing', ''],
    ['leading zeros', good.replace(':a:', ':0a:')],
    ['capitals', good.replace(':a:', ':A:')],
    ['spare bits of base64url set', good.replace(/^(s1:.{42})./, '$1t')],
    ['counts beyond 2^53', good.replace(':a:', ':zzzzzzzzzzz:')],
    ['no locator field', good.slice(0, -1)],
    ['a second line', `${good}\n`],
    ['a period with leading zeros', secret.replace(':12:', ':012:')],
    ['a period beyond 2^53', secret.replace(':12:', ':9999999999999999:')],
    ['a secret with spare bits set', secret.replace(/.$/, 't')],
    ['more behind a secret', `${secret}:`],
    ['more than 100 bytes', good + 'x'.repeat(60)],
  ])('takes %s for legacy', (_, text) => {
    expect(decodeCommitment(text)).toEqual({ kind: 'legacy', text });
  });

  it('never throws, and never reads two texts as the same commitment', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.string().map((tail) => good + tail),
          fc.string().map((tail) => secret + tail),
        ),
        (text) => {
          const read = decodeCommitment(text);
          if (read.kind === 'manifest' && read.locator === '') expect(encodeCommitment(read)).toBe(text);
          if (read.kind === 'secret') expect(encodeSecretCommitment(read)).toBe(text);
        },
      ),
    );
  });
});
