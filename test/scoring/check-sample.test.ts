import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createExamineActivities } from '../../activities/examine.ts';
import type { ExamineDeps, SampledRow } from '../../activities/examine.ts';
import type { Verdict } from '../../src/scoring/verdict.ts';
import { sampleRecords } from '../datasets/records.ts';
import { PARAMETERS } from './fixtures.ts';

const CLAIM = { block: 10, event: 2, hotkey: '5Miner', registered: 1 };
const rows = sampleRecords(3);

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A validator whose looks at a page take a minute each, and tell nothing. */
function slowValidator(heard: Verdict[][]): ExamineDeps {
  const sample = rows.slice(0, 2).map((row): SampledRow => ({ row, claim: CLAIM, pay: null, committedAtUs: 1 }));
  const deps = {
    store: { get: () => Promise.resolve(Buffer.from(JSON.stringify(sample))) },
    controls: {
      draw: () => Promise.resolve([{ row: rows[2], committedAtUs: 1, hotkey: '5Other' }]),
      add: () => Promise.resolve(),
    },
    respot: () => new Promise((resolve) => setTimeout(resolve, 60_000, { outcome: 'unreachable', reason: 'timeout' })),
    heartbeat: (verdicts: Verdict[]) => heard.push(verdicts),
    heartbeatDetails: () => undefined,
    needsBrowser: () => false,
    wanted: { version: 1, jobs: [] },
    parameters: PARAMETERS,
  };
  return deps as unknown as ExamineDeps;
}

it('a check that is slow is heard of within the half minute that a worker may be silent, and always with its verdicts', async () => {
  const heard: Verdict[][] = [];
  const done = createExamineActivities(slowValidator(heard)).checkSample({ sample: 'a'.repeat(64), queue: 'http' });
  for (const verdicts of [0, 0, 2, 2]) {
    heard.length = 0;
    await vi.advanceTimersByTimeAsync(30_000 - 1);
    expect(heard.length).toBeGreaterThan(0);
    expect(heard.at(-1)).toHaveLength(verdicts);
    await vi.advanceTimersByTimeAsync(1);
  }
  expect(await done).toMatchObject({ controls: { fetched: 1, failed: 1 }, verdicts: [{}, {}] });
});
