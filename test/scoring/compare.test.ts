import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../../src/core/canonical-json.ts';
import { sha256Hex } from '../../src/core/hash/sha256.ts';
import { compareEvidence } from '../../src/scoring/compare.ts';
import type { EvidenceCommit, EvidenceMiner } from '../../src/scoring/evidence.ts';
import type { Verdict } from '../../src/scoring/verdict.ts';
import { evidenceOf, miner } from './fixtures.ts';

const COMMITTED = 200_000_000;
const row = { id: 'web:a', text: 'one two three', created_at: null, scraped_at: 100_000_000 };
const shown = { outcome: 'shown', id: 'web:a', text: 'something else', createdAt: null, lastModified: null } as const;
const commit: EvidenceCommit = {
  ...{ hotkey: 'hotkey-0', registered: 1, block: 12, event: 0, committed_at: COMMITTED },
  ...{ manifest: 'm', rows: 3, status: 'accepted', reason: '' },
};

function archive(check: object): { digest: string; read: (digest: string) => string | null } {
  const text = canonicalJson(check);
  const digest = sha256Hex(text);
  return { digest, read: (asked) => (asked === digest ? text : null) };
}

function bundle(verdict: Verdict, changes: Partial<EvidenceMiner> = {}, commits = [commit]) {
  const spot = { valid: 0, invalid: 0, gone: 0, inconclusive: 0, [verdict.verdict]: 1 };
  const counted = { ...miner(0, 3, { spot }), rejected: {}, signs: [], sample: null, verdicts: [verdict], ...changes };
  return evidenceOf([counted], undefined, { commits });
}

const valid: Verdict = { id: 'web:a', verdict: 'valid', reason: 'same_text' };
const invalid = (archived?: string): Verdict => ({
  ...{ id: 'web:a', verdict: 'invalid', reason: 'text_differs' },
  ...(archived === undefined ? {} : { archived }),
});

describe('compareEvidence', () => {
  it('finds nothing between a bundle and itself', () => {
    const { differences, refuted, unseen } = compareEvidence(bundle(valid), bundle(valid), () => null);
    expect({ differences, refuted, unseen }).toEqual({ differences: [], refuted: [], unseen: 0 });
  });

  it('names what differs, from commits to weights', () => {
    const void_: EvidenceCommit = { ...commit, status: 'void', reason: 'not_fetched' };
    const a = bundle(valid);
    const b = bundle(invalid('f'.repeat(64)), { rows_owned: 2 }, [void_]);
    const { differences, unseen } = compareEvidence(a, b, () => null);
    expect(differences.map(({ part, subject }) => [part, subject])).toEqual([
      ['commit', 'hotkey-0 12-0'],
      ['count', 'hotkey-0 rows_owned'],
      ['verdict', 'hotkey-0 web:a'],
      ['score', 'hotkey-0 data'],
      ['weight', 'uid 0'],
    ]);
    expect(differences[2]).toMatchObject({ a: 'valid same_text', b: 'invalid text_differs' });
    expect(unseen).toBe(1);
  });

  it('does not call two samples a difference', () => {
    const other = bundle({ ...valid, id: 'web:b' });
    expect(compareEvidence(bundle(valid), other, () => null).differences).toEqual([]);
  });

  it('lets an invalid stand that its archive bears out', () => {
    const { digest, read } = archive({ row, seen: shown, committed_at: COMMITTED });
    expect(compareEvidence(bundle(valid), bundle(invalid(digest)), read)).toMatchObject({ refuted: [], unseen: 0 });
  });

  it.each([
    ['the page shows the text', { row, seen: { ...shown, text: row.text }, committed_at: COMMITTED }, /say valid/],
    ['the page is gone', { row, seen: { outcome: 'gone', status: 404 }, committed_at: COMMITTED }, /say gone/],
    ['it is of another row', { row: { ...row, id: 'web:b' }, seen: shown, committed_at: COMMITTED }, /of web:b/],
    ['it dates the commitment otherwise', { row, seen: shown, committed_at: 1 }, /no commitment/],
    ['it is something else', { a: 1 }, /no check/],
  ])('refutes a false invalid: %s', (_, check, why) => {
    const { digest, read } = archive(check);
    const { refuted } = compareEvidence(bundle(invalid(digest)), bundle(valid), read);
    expect(refuted).toMatchObject([
      { by: 'a', hotkey: 'hotkey-0', id: 'web:a', why: expect.stringMatching(why) as string },
    ]);
  });

  it('refutes an invalid without an archive, or with one of another digest', () => {
    const { read } = archive({ row, seen: shown, committed_at: COMMITTED });
    expect(compareEvidence(bundle(invalid()), bundle(valid), read).refuted).toHaveLength(1);
    const forged = compareEvidence(bundle(invalid('f'.repeat(64))), bundle(valid), () => 'anything');
    expect(forged.refuted).toMatchObject([{ why: 'what is archived has another digest' }]);
  });
});
