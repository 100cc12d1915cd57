import { beforeAll, describe, expect, it } from 'vitest';
import { tableUnder } from '../simulation/docs-table.ts';
import { ATTACK_ROWS, OPEN_ROWS, rowCells } from './attack-rows.ts';

/* The tables on inference of docs/attacks.md are what machines earn against the real scoring. */

describe('the attack table on inference', () => {
  let rows: string[][];
  beforeAll(() => {
    rows = ATTACK_ROWS.map(rowCells);
  }, 300_000);

  it('says what machines earn', () => {
    expect(tableUnder('Inference')).toEqual(rows);
  });

  it('has none that pays more than honest work', () => {
    for (const [id, , , seine] of rows) expect(Number(seine), id).toBeLessThanOrEqual(1);
  });

  it('has each attack that a published formula pays for', () => {
    const paying = rows.filter((cells) => cells.slice(4).some((share) => Number(share) > 1.01));
    expect(new Set(paying.map(([id]) => id?.split(' ')[0]))).toEqual(new Set(['5', '7', '8', '18', '19']));
  });
});

it('says what is not closed with its figure', () => {
  const rows = OPEN_ROWS.map(rowCells);
  expect(tableUnder('Capacity for rent')).toEqual(rows);
  expect(Number(rows[0]?.[3])).toBeGreaterThan(1);
}, 120_000);
