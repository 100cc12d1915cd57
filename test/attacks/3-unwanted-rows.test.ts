import { describe, expect, it } from 'vitest';
import { mayBePaid } from '../../activities/collect.ts';
import { sampleRecord } from '../datasets/records.ts';
import { blockTimeUs, WANTED } from '../support/test-validator.ts';
import { textOf, useValidators } from './validator.ts';

/*
 * Attack 3: rows that nobody wants, from a site of the attacker's own. They are owned, so that they can be in datasets; they earn nothing, and
 * they keep nobody else's rows from earning.
 */
const newValidator = useValidators();

const FARMER = { hotkey: '5Farmer', block: 10 };
const HONEST = { hotkey: '5Honest', block: 11 };
const wantedRows = [0, 1, 2].map((number) => sampleRecord(number, { text: textOf(`page ${number}`), media: [] }));
const farmed = wantedRows.map((row, number) => {
  const url = `https://farm.example/${number}`;
  return { ...row, id: `web:${url}`, url };
});

describe('rows that nobody wants', () => {
  it('are owned and paid nothing', async () => {
    const validator = await newValidator();
    const rows = await validator.rows(await validator.take(FARMER, farmed));
    expect(rows.map(({ owned, unpaid, job }) => [owned, unpaid, job])).toEqual(
      farmed.map(() => [true, 'not_wanted', null]),
    );
    const copy = await validator.rows(await validator.take(HONEST, farmed));
    expect(copy.map(({ owned, unpaid }) => [owned, unpaid])).toEqual(farmed.map(() => [false, 'duplicate']));
  });

  it.each([false, true])('take no text from rows that are, though committed first; withdrawn: %s', async (fallen) => {
    const validator = await newValidator();
    const farm = await validator.take(FARMER, farmed);
    if (fallen) await validator.withdraw(farm, farmed, blockTimeUs(110));
    const honest = await validator.rows(await validator.take(HONEST, wantedRows));
    expect(honest.map(({ owned, unpaid, job }) => [owned, unpaid, job?.id])).toEqual(
      wantedRows.map(() => [true, null, 'docs']),
    );
  });

  it('have the same owners when the index is rebuilt', async () => {
    const validator = await newValidator();
    await validator.take(FARMER, farmed);
    await validator.take(HONEST, wantedRows);
    const before = await validator.owners.snapshotDigest();
    expect(before.keys).toBe(9);
    await validator.rebuild();
    expect(await validator.owners.snapshotDigest()).toEqual(before);
  });
});

describe('rows of a job with dates', () => {
  it('may be paid where their commitment lies within them', () => {
    const [job] = WANTED.jobs;
    if (job === undefined) throw new Error('no job');
    const until = new Date(blockTimeUs(10) / 1000).toISOString();
    const dated = { version: 1 as const, jobs: [{ ...job, until }] };
    const pays = [9, 10].map((block) => mayBePaid(dated, blockTimeUs(block))(sampleRecord(0)));
    expect(pays).toEqual([true, false]);
  });
});
