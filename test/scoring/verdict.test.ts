import { describe, expect, it } from 'vitest';
import { jaccardPpm, judgeRow } from '../../src/scoring/verdict.ts';
import type { Sighting } from '../../src/scoring/verdict.ts';

const MINUTE = 60_000_000;
const SCRAPED = 100 * MINUTE;
const COMMITTED = 102 * MINUTE;
const row = { id: 'web:https://a.example/', text: 'one two three', created_at: null, scraped_at: SCRAPED };
const shown = (changes: Partial<Extract<Sighting, { outcome: 'shown' }>> = {}): Sighting => ({
  ...{ outcome: 'shown', id: row.id, text: row.text, createdAt: null, lastModified: null },
  ...changes,
});

describe('judgeRow', () => {
  it.each<[string, Sighting, number, string, string]>([
    ['the same text', shown(), 1_000_000, 'valid', 'same_text'],
    ['a page that is gone', { outcome: 'gone', status: 404 }, 0, 'gone', 'status_404'],
    ['no answer', { outcome: 'unreachable', reason: 'timeout' }, 0, 'inconclusive', 'timeout'],
    ['edited since', shown({ text: 'other', lastModified: SCRAPED + 1 }), 0, 'inconclusive', 'changed_since'],
    [
      'edited by a clock a little behind',
      shown({ text: 'other', lastModified: SCRAPED - 1 }),
      0,
      'inconclusive',
      'changed_since',
    ],
    ['not edited since', shown({ text: 'other', lastModified: SCRAPED - MINUTE }), 900_000, 'invalid', 'text_differs'],
    ['undated, similar', shown({ text: 'other' }), 500_000, 'inconclusive', 'text_similar'],
    ['undated, unlike', shown({ text: 'other' }), 499_999, 'invalid', 'text_differs'],
    ['another page', shown({ id: 'web:https://b.example/' }), 1_000_000, 'invalid', 'other_id'],
    ['dated after the commit', shown({ createdAt: COMMITTED + 1 }), 1_000_000, 'invalid', 'created_after_commit'],
    ['a time the source does not show', shown({ createdAt: 5 }), 1_000_000, 'invalid', 'created_at_differs'],
  ])('%s', (_, seen, similarity, verdict, reason) => {
    expect(judgeRow(row, seen, COMMITTED, similarity)).toEqual({ id: row.id, verdict, reason });
  });

  it('refuses a row scraped after its commit', () => {
    const late = { ...row, scraped_at: COMMITTED + 1 };
    expect(judgeRow(late, shown(), COMMITTED, 1_000_000).reason).toBe('scraped_after_commit');
  });
});

describe('jaccardPpm', () => {
  it('compares sets of five-word shingles', () => {
    expect(jaccardPpm('a b c d e f', 'a b c d e f')).toBe(1_000_000);
    expect(jaccardPpm('a b c d e f', 'a b c d e g')).toBe(333_333);
    expect(jaccardPpm('a b c d e', 'v w x y z')).toBe(0);
    expect(jaccardPpm('', ' ')).toBe(1_000_000);
  });
});
