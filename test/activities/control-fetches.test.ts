import { describe, expect, it } from 'vitest';
import { controlRowsOf, fetchControls } from '../../activities/control-fetches.ts';
import type { ControlRow, ControlRows } from '../../src/scrapers/control-rows.ts';
import type { Verdict } from '../../src/scoring/verdict.ts';
import { sampleRecord } from '../datasets/records.ts';

const checked = (number: number, verdict: Verdict['verdict'], reason: string) => {
  const row = sampleRecord(number);
  return { row, committedAtUs: 5, claim: { hotkey: '5Miner' }, verdict: { id: row.id, verdict, reason } };
};
const known = [10, 11, 12, 13].map((number): ControlRow => {
  return { row: sampleRecord(number), committedAtUs: 7, hotkey: '5Other' };
});

/** What comes of fetching the known-good rows, by their order. */
async function controlsThat(outcomes: readonly Verdict['verdict'][], of: readonly ReturnType<typeof checked>[]) {
  const asked: unknown[] = [];
  const controls: Pick<ControlRows, 'draw'> = {
    draw(source, notOf, count) {
      asked.push([source, notOf, count]);
      return Promise.resolve(known.slice(0, Math.min(count, outcomes.length)));
    },
  };
  let next = 0;
  const check = (row: { id: string }): Promise<Verdict> =>
    Promise.resolve({ id: row.id, verdict: outcomes[next++] ?? 'valid', reason: 'FetchTimeout' });
  const counts = await fetchControls({ controls: controls as ControlRows, most: 30, check }, '5Miner', of);
  return { counts, asked };
}

describe('control fetches', () => {
  it('are not made where every check told something, or the source itself explained what it shows', async () => {
    const clear = [
      checked(1, 'valid', 'same_text'),
      checked(2, 'invalid', 'other_id'),
      checked(3, 'inconclusive', 'changed_since'),
    ];
    const { counts, asked } = await controlsThat(['valid'], clear);
    expect(counts).toEqual({ fetched: 0, failed: 0, misread: 0 });
    expect(asked).toEqual([]);
  });

  it('tell what could not be had from what was misread', async () => {
    const unclear = [checked(1, 'inconclusive', 'FetchTimeout'), checked(2, 'inconclusive', 'status_503')];
    const { counts, asked } = await controlsThat(['valid', 'inconclusive', 'gone', 'invalid'], unclear);
    expect(counts).toEqual({ fetched: 4, failed: 1, misread: 2 });
    expect(asked).toEqual([['web', '5Miner', 30]]);
  });
});

it('rows seen valid serve as controls for others', () => {
  const rows = controlRowsOf([checked(1, 'valid', 'same_text'), checked(2, 'inconclusive', 'FetchTimeout')]);
  expect(rows).toEqual([{ row: sampleRecord(1), committedAtUs: 5, hotkey: '5Miner' }]);
});
