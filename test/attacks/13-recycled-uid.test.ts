import { describe, expect, it } from 'vitest';
import { recordKey } from '../../src/dedup/identities.ts';
import { sampleRecord } from '../datasets/records.ts';
import { textOf, useValidators } from './validator.ts';

/* Attack 13: a uid, or a hotkey, that changes hands and would inherit keys; and commitments that were batched into one extrinsic. */
const newValidator = useValidators();

const rows = [0, 1, 2].map((number) => sampleRecord(number, { text: textOf(`page ${number}`), media: [] }));
const keys = rows.map(({ id }) => recordKey(id));

describe('a recycled uid', () => {
  it('inherits nothing of the hotkey that had it', async () => {
    const validator = await newValidator();
    const before = await validator.take({ hotkey: '5Before', registered: 1, uid: 7, block: 10 }, rows);
    const after = await validator.take({ hotkey: '5After', registered: 40, uid: 7, block: 50 }, rows);
    expect((await validator.rows(after)).map(({ owned }) => owned)).toEqual([false, false, false]);
    expect((await validator.rows(before)).map(({ owned }) => owned)).toEqual([true, true, true]);
  });

  it('inherits nothing under the same hotkey registered again', async () => {
    const validator = await newValidator();
    const before = await validator.take({ hotkey: '5Same', registered: 1, uid: 7, block: 10 }, rows);
    const after = await validator.take({ hotkey: '5Same', registered: 40, uid: 7, block: 50 }, rows);
    expect((await validator.rows(after)).map(({ owned }) => owned)).toEqual([false, false, false]);
    const { block, event, hotkey } = before;
    expect(await validator.owners.record.owns(keys, { block, event, hotkey, registered: 40 })).toEqual([
      false,
      false,
      false,
    ]);
    // Nor can the new registration stand where the old one stood.
    const forged = validator.owners.record.claim(keys, { block, event, hotkey, registered: 40 });
    await expect(forged).rejects.toThrow("is another's");
  });
});

describe('commitments batched into one extrinsic', () => {
  it('are told apart by their events, in whatever order they are judged', async () => {
    for (const order of [
      [4, 9],
      [9, 4],
    ]) {
      const validator = await newValidator();
      for (const event of order) await validator.take({ hotkey: `5Event${event}`, block: 10, event }, rows);
      const owners = await validator.owners.record.ownersOf(keys);
      expect(owners.map((owner) => owner?.hotkey)).toEqual(['5Event4', '5Event4', '5Event4']);
    }
  });
});
