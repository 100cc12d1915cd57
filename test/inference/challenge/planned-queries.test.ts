import { describe, expect, it } from 'vitest';
import { checkedQueries, scheduleOf } from '../../../src/inference/challenge/planned-queries.ts';
import type { PlannedQuery } from '../../../src/inference/challenge/planned-queries.ts';
import type { PeriodPlan } from '../../../src/inference/challenge/period-plan.ts';
import { slotMsOf, slotsOf } from '../../../src/inference/challenge/period-plan.ts';
import { drawsFrom, promptSeed } from '../../../src/inference/prompts/prompt-seed.ts';
import type { PromptOrigin } from '../../../src/inference/prompts/prompt-seed.ts';
import type { Task } from '../../../src/inference/tasks/task.ts';
import { planOf, SECRET } from './plans.ts';

const unitsOf = (_: Task, origin: PromptOrigin): number => 10 + drawsFrom(promptSeed(origin)).below(40);
const queriesOf = async (plan: PeriodPlan, secret = SECRET): Promise<PlannedQuery[]> =>
  (await scheduleOf(plan, secret, unitsOf)).flat();
const sum = (queries: readonly PlannedQuery[]): number => queries.reduce((total, { units }) => total + units, 0);

describe('a plan', () => {
  it('asks for all that is owed in a period of full load, for a drawn share of it in others', () => {
    const owedOf = (stated: number): number => Math.floor(stated / 4);
    expect(planOf({ a: 1000 }, { owedOf }).miners[0]?.tasks[0]).toMatchObject({ stated: 1000, owed: 250, ask: 250 });
    const usual = planOf({ a: 1000 }, { owedOf, full_load: false, testedSharePpm: () => 60_000 });
    expect(usual.miners[0]?.tasks[0]).toMatchObject({ owed: 250, ask: 15 });
  });

  it('leaves out whoever states nothing that fits, and whom nothing is owed of', () => {
    const fits = { task: 'text', unit: 'tokens' as const, period_ms: 600_000, volume: 100, concurrency: 1 };
    const miners = [{ ...fits, unit: 'images' as const }, { ...fits, period_ms: 1 }, { ...fits, task: 'no' }, fits].map(
      (capacity, at) => ({ hotkey: `m${at}`, registered: 1, base: 'http://127.0.0.1:1', capacity: [capacity] }),
    );
    expect(planOf({}, { miners }).miners.map(({ hotkey }) => hotkey)).toEqual(['m3']);
    expect(planOf({ a: 10 }, { owedOf: () => 0 }).miners).toEqual([]);
  });

  it('gives each miner and task as many requests at most, whatever a liar states', async () => {
    const plan = planOf({ liar: 1e15, honest: 2000 }, { requests: 400 });
    const queries = await queriesOf(plan);
    expect(queries.filter(({ miner }) => miner.hotkey === 'liar').length).toBe(200);
    expect(sum(queries.filter(({ miner, task }) => miner.hotkey === 'honest' && task.name === 'text'))).toBeGreaterThan(
      1900,
    );
  });

  it('has slots of 20 s in an hour', () => {
    expect([slotMsOf(3_600_000), slotMsOf(10_000)]).toEqual([20_000, 2000]);
    expect(slotsOf(planOf({}))).toBe(30);
  });
});

describe('the queries of a plan', () => {
  it('come to the volume that is asked for, and never beyond', async () => {
    const queries = await queriesOf(planOf({ a: 5000, b: 300 }));
    for (const [hotkey, ask] of [
      ['a', 5000],
      ['b', 300],
    ] as const) {
      const volume = sum(queries.filter(({ miner, task }) => miner.hotkey === hotkey && task.name === 'text'));
      expect(volume).toBeLessThanOrEqual(ask);
      expect(volume).toBeGreaterThan(ask - 50);
    }
  });

  it('are the same for the same seeds, and others for another secret', async () => {
    const plan = planOf({ a: 1000 });
    const again = await queriesOf(JSON.parse(JSON.stringify(plan)) as PeriodPlan);
    expect(again).toEqual(await queriesOf(plan));
    const times = (queries: PlannedQuery[]): number[] => queries.map(({ at_ms }) => at_ms);
    expect(times(await queriesOf(plan, 'cd'.repeat(32)))).not.toEqual(times(again));
  });

  it('lie in their slots, spread evenly over the period as those of customers', async () => {
    const plan = planOf({ a: 60_000 });
    const schedule = await scheduleOf(plan, SECRET, unitsOf);
    for (const [slot, queries] of schedule.entries()) {
      for (const { at_ms } of queries) expect(Math.floor((at_ms - plan.opens_ms) / plan.slot_ms)).toBe(slot);
    }
    const times = schedule.flat().map(({ at_ms }) => (at_ms - plan.opens_ms) / (plan.closes_ms - plan.opens_ms));
    // Kolmogorov's distance from the uniform distribution: at most 1.63 / sqrt(n) in 99 of 100 cases.
    const sorted = times.toSorted((a, b) => a - b);
    const distance = Math.max(...sorted.map((time, index) => Math.abs(time - index / sorted.length)));
    expect(distance).toBeLessThan(1.63 / Math.sqrt(sorted.length));
    // Of independent times, gaps vary as much as they are long; of regular ones, hardly.
    const gaps = sorted.slice(1).map((time, index) => time - sorted[index]!);
    const mean = gaps.reduce((total, gap) => total + gap, 0) / gaps.length;
    const spread = Math.sqrt(gaps.reduce((total, gap) => total + (gap - mean) ** 2, 0) / gaps.length);
    expect(spread / mean).toBeGreaterThan(0.9);
  });

  it('ask once at least, where that is owed', async () => {
    const asked = async (volume: number): Promise<number> =>
      (await queriesOf(planOf({ a: volume }, { full_load: false, testedSharePpm: () => 50_000 }))).length;
    expect(await asked(100)).toBe(2);
    expect(await asked(5)).toBe(0);
  });

  it('have one that is scored of a task that scores one', async () => {
    const queries = await queriesOf(planOf({ a: 2000, b: 2000 }));
    const scored = (name: string): PlannedQuery[] => queries.filter(({ task, scored }) => task.name === name && scored);
    expect(scored('one').map(({ miner }) => miner.hotkey)).toEqual(expect.arrayContaining(['a', 'b']));
    expect(scored('one').length).toBe(2);
    expect(scored('text').length).toBeGreaterThan(50);
    const checked = checkedQueries(queries, 10);
    expect(checked.length).toBe(10);
    expect(checked.filter(({ task }) => task.name === 'one').length).toBe(2);
    expect(checkedQueries([...queries].reverse(), 10)).toEqual(checked);
  });
});
