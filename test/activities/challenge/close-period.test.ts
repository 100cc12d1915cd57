import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { closePeriod } from '../../../activities/challenge/close-period.ts';
import type { ChallengeDeps } from '../../../activities/challenge/deps.ts';
import { createFileStore } from '../../../src/datasets/storage.ts';
import type { ClosedPeriod } from '../../../src/inference/challenge/closed-periods.ts';
import type { PeriodPlan } from '../../../src/inference/challenge/period-plan.ts';
import type { CheckedOutcome } from '../../../src/inference/challenge/query-outcome.ts';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'seine-close-'));
});
afterAll(() => rm(dir, { recursive: true }));

const PLAN: PeriodPlan = {
  ...{ version: 1, netuid: 7, validator: '5Validator', period_ms: 60_000, period: 12, full_load: true, slot_ms: 2000 },
  ...{ seed_block: { number: 30, hash: '0x30' }, opens_ms: 720_500, closes_ms: 777_000, most_requests: 10, tasks: [] },
  miners: ['5First', '5Second'].map((hotkey) => ({
    ...{ hotkey, registered: 3, base: 'http://127.0.0.1:1' },
    tasks: [{ task: 'text', stated: 100, owed: 100, ask: 100, concurrency: 1 }],
  })),
};

function answered(index: number): CheckedOutcome {
  return {
    ...{ index, kind: 'synthetic', slot: 0, at_ms: 721_000 + index, units: 10, owed: true, outcome: 'answered' },
    ...{ reason: 'answered', elapsed_ms: 5, first_ms: 2, attempt: 0, speed_ppm: 1_000_000, answer: null },
    ...{ request: null, recipe: null },
    check: { verdict: 'right', quality_ppm: 1_000_000, reason: 'same' },
  };
}

/** A validator whose miners answered two requests each. */
function validator({ secret = 'ab'.repeat(32), ...over }: { secret?: string | null } & Partial<ChallengeDeps> = {}) {
  const kept: { closed: ClosedPeriod | null; outcomes: CheckedOutcome[] } = {
    closed: null,
    outcomes: [answered(0), answered(1)],
  };
  const deps = {
    store: createFileStore(join(dir, 'objects')),
    log: {
      all: async () => {
        await setImmediate();
        return kept.outcomes;
      },
      release: () => Promise.resolve(void (kept.outcomes = [])),
    },
    closed: {
      find: () => Promise.resolve(kept.closed),
      close: (closed: ClosedPeriod) => Promise.resolve(void (kept.closed = closed)),
    },
    state: () => ({ secret: () => Promise.resolve(secret), anchor: () => Promise.resolve(27) }),
    ...{ kept: { drop: () => Promise.resolve() }, heartbeat: () => undefined },
    ...over,
  } as unknown as ChallengeDeps;
  return { deps, kept };
}

/** A check that failed. */
const failed = (index: number): CheckedOutcome => ({
  ...answered(index),
  check: { verdict: 'inconclusive', quality_ppm: 0, reason: 'checker_failed' },
});

describe('checks that fail', () => {
  const sumsOf = async (first: CheckedOutcome[], second: CheckedOutcome[]) => {
    const { deps, kept } = validator();
    deps.log.all = ({ miner }) => Promise.resolve(miner === '5First' ? first : second);
    await closePeriod(deps, PLAN, 'plan');
    return kept.closed!.records.map(({ tally, reasons }) => ({ ...tally.synthetic, reasons }));
  };
  const many = (count: number, of: (index: number) => CheckedOutcome) =>
    Array.from({ length: count }, (_, at) => of(at));

  it('are the answers’ doing where they fail for one miner alone', async () => {
    const half = [...many(20, answered), ...many(20, (at) => failed(20 + at))];
    const [breaking, honest] = await sumsOf(half, many(40, answered));
    expect(breaking).toMatchObject({ right: 200, wrong: 200, unchecked: 0, reasons: { right: 20, uncheckable: 20 } });
    expect(honest).toMatchObject({ right: 400, wrong: 0 });
  });

  it('are the checker’s where they fail for others too, and nobody’s where one fails by chance', async () => {
    const half = [...many(20, answered), ...many(20, (at) => failed(20 + at))];
    for (const sums of await sumsOf(half, half)) expect(sums).toMatchObject({ right: 200, wrong: 0, unchecked: 200 });
    const [unlucky] = await sumsOf([...many(39, answered), failed(39)], many(40, answered));
    expect(unlucky).toMatchObject({ right: 390, wrong: 0, unchecked: 10 });
  });

  it('say nothing of an answer that was lost or that the validator can not check', async () => {
    const check = { verdict: 'inconclusive', quality_ppm: 0, reason: 'answer_lost' } as const;
    const lost = many(20, (at) => ({ ...answered(at), check }));
    expect((await sumsOf(lost, many(40, answered)))[0]).toMatchObject({ wrong: 0, unchecked: 200 });
  });
});

describe('closing a period', () => {
  it('adds up what became of each request and archives it', async () => {
    const { deps, kept } = validator();
    expect(await closePeriod(deps, PLAN, 'plan')).toEqual({ records: 2, requests: 4 });
    const { records, proof } = kept.closed!;
    expect(records.map(({ hotkey, tally }) => [hotkey, tally.synthetic.right])).toEqual([
      ['5First', 20],
      ['5Second', 20],
    ]);
    expect(proof).toMatchObject({ anchored_block: 27, plan: 'plan', full_load: true });
    const lines = (await readFile(deps.store.path(records[0]!.outcomes)!, 'utf8')).trim().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { miner: string; index: number }).miner)).toEqual([
      ...['5First', '5First', '5Second', '5Second'],
    ]);
  });

  it('comes to the same when it is done again after the outcomes were let go of', async () => {
    const { deps, kept } = validator();
    const counts = await closePeriod(deps, PLAN, 'plan');
    const first = kept.closed;
    expect(await closePeriod(deps, PLAN, 'plan')).toEqual(counts);
    expect(kept.closed).toEqual(first);
  });

  it('fails, and notes nothing, where the archive can not be written', async () => {
    const putBy = (write: (path: string) => Promise<unknown>) => write(join(dir, 'missing', 'file')).then(() => '');
    const { deps, kept } = validator({ store: { putBy } as unknown as ChallengeDeps['store'] });
    await expect(closePeriod(deps, PLAN, 'plan')).rejects.toMatchObject({ code: 'ENOENT' });
    expect(kept.closed).toBeNull();
    expect(kept.outcomes).toHaveLength(2);
  });

  it('says so, for good, where the secret is gone', async () => {
    const { deps, kept } = validator({ secret: null });
    await expect(closePeriod(deps, PLAN, 'plan')).rejects.toMatchObject({ name: 'SecretLost', remedy: 'never' });
    expect(kept.closed).toBeNull();
  });
});
