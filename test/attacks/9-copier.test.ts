import { describe, expect, it } from 'vitest';
import { sampleRecord } from '../datasets/records.ts';
import { blockTimeUs } from '../support/test-validator.ts';
import { textOf, useValidators } from './validator.ts';

/*
 * Attack 9: a copier reads what a victim has committed, commits it a block later, and has the victim's claim fall: cut off from the validators
 * until its commit is void, or with rows that look invalid.
 */
const newValidator = useValidators();

const VICTIM = { hotkey: '5Victim', block: 10 };
const COPIER = { hotkey: '5Copier', block: 11 };
const rows = [0, 1, 2, 3].map((number) => sampleRecord(number, { text: textOf(`page ${number}`), media: [] }));
const WITHDRAWN_AT = blockTimeUs(110);

describe('a copier one block after its victim', () => {
  it('owns and earns nothing while the victim stands', async () => {
    const validator = await newValidator();
    await validator.take(VICTIM, rows);
    const copy = await validator.rows(await validator.take(COPIER, rows));
    expect(copy.map(({ owned, unpaid }) => [owned, unpaid])).toEqual(rows.map(() => [false, 'duplicate']));
  });

  it.each(['void', 'invalid'])('inherits rows of a %s claim, but is paid for none', async (how) => {
    const validator = await newValidator();
    const copied = await validator.take(COPIER, rows);
    const victim = await validator.take(VICTIM, rows);
    await validator.withdraw(victim, how === 'void' ? null : rows, WITHDRAWN_AT);
    const copy = await validator.rows(copied);
    expect(copy.map(({ owned, unpaid }) => [owned, unpaid])).toEqual(rows.map(() => [true, 'returned']));
    expect((await validator.rows(victim)).map(({ owned }) => owned)).toEqual(rows.map(() => false));
  });

  it('is paid for none under other texts either, which are copies of the same text to whoever compares skeletons', async () => {
    const validator = await newValidator();
    const victim = await validator.take(VICTIM, rows);
    const moved = rows.map((row, number) => ({ ...sampleRecord(100 + number), text: row.text, media: [] }));
    const copied = await validator.take(COPIER, moved);
    await validator.withdraw(victim, null, WITHDRAWN_AT);
    expect((await validator.rows(copied)).map(({ unpaid }) => unpaid)).toEqual(rows.map(() => 'returned'));
  });

  it('does not hinder who committed before the bytes could be had, or scraped anew after they came back', async () => {
    const validator = await newValidator();
    const victim = await validator.take(VICTIM, rows);
    const besides = await validator.take({ hotkey: '5Honest', block: 10, event: 5 }, rows.slice(0, 2));
    const anew = rows.slice(2).map((row) => ({ ...row, scraped_at: WITHDRAWN_AT + 1_000_000 }));
    const later = await validator.take({ hotkey: '5Later', block: 200 }, anew);
    const stale = await validator.take({ hotkey: '5Rest', block: 201 }, rows);
    await validator.withdraw(victim, null, WITHDRAWN_AT);
    expect((await validator.rows(besides)).map(({ unpaid }) => unpaid)).toEqual([null, null]);
    expect((await validator.rows(later)).map(({ unpaid }) => unpaid)).toEqual([null, null]);
    expect((await validator.rows(stale)).map(({ unpaid }) => unpaid)).toEqual(rows.map(() => 'duplicate'));
  });
});
