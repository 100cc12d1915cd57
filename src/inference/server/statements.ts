import { z } from 'zod';
import { VOLUME_UNITS } from '../tasks/task.ts';
import type { Allowances } from './allowances.ts';
import type { ServedTask } from './served-task.ts';

/*
 * What a miner says of itself, as values that are signed as canonical JSON with a `signature` beside (src/commit/signed-json.ts): whole numbers only. Claims,
 * all of it: paid is what was served.
 */

/** More tasks than a network pays; more callers than a network has validators. */
const MAX_STATED_TASKS = 1000;
const MAX_STATED_CALLERS = 4096;

const address = z.string().min(1).max(64);
const taskName = z.string().min(1).max(200);
const count = z.int().min(0);

const head = {
  version: z.literal(1),
  netuid: count,
  /** SS58 address of the miner, which signs. */
  hotkey: address,
  /** Milliseconds since 1970. */
  stated_at_ms: count,
};

/** How much of each task a miner offers to all validators together. */
export const capacityStatement = z.strictObject({
  kind: z.literal('capacity'),
  ...head,
  tasks: z
    .array(
      z.strictObject({
        task: taskName,
        unit: z.enum(VOLUME_UNITS),
        period_ms: z.int().min(1),
        /** Units in a period. */
        volume: count,
        /** Requests at once. */
        concurrency: count,
      }),
    )
    .max(MAX_STATED_TASKS),
});
export type CapacityStatement = z.output<typeof capacityStatement>;

/** What callers had of one task in one period, by the miner's own count. */
export const volumeStatement = z.strictObject({
  kind: z.literal('volume'),
  ...head,
  task: taskName,
  unit: z.enum(VOLUME_UNITS),
  /** Number of the period, counted from 1970. */
  period: count,
  callers: z
    .array(z.strictObject({ caller: address, owed: count, taken: count, beyond: count }))
    .max(MAX_STATED_CALLERS),
});
export type VolumeStatement = z.output<typeof volumeStatement>;

/** What `/v1/volumes` is asked; the period that runs, or the one before. */
export const volumesAsk = z.strictObject({ ask: z.literal('volumes'), period: count, task: taskName });

export interface Stater {
  netuid: number;
  hotkey: string;
  nowMs: number;
}

export function capacityOf(serving: readonly ServedTask[], { netuid, hotkey, nowMs }: Stater): CapacityStatement {
  const tasks = serving.filter(({ task }) => task.enabled);
  return {
    ...{ kind: 'capacity', version: 1, netuid, hotkey, stated_at_ms: nowMs },
    tasks: tasks
      .map(({ task: { name, unit, period_ms }, volume, concurrency }) => {
        return { task: name, unit, period_ms, volume, concurrency };
      })
      .sort((a, b) => (a.task < b.task ? -1 : 1)),
  };
}

/** @param period the one that runs, or the one before */
export async function volumeOf(
  served: ServedTask,
  period: number,
  allowances: Pick<Allowances, 'volumes'>,
  { netuid, hotkey, nowMs }: Stater,
): Promise<VolumeStatement> {
  const { name, unit } = served.task;
  const volumes = await allowances.volumes(served, period);
  return {
    ...{ kind: 'volume', version: 1, netuid, hotkey, stated_at_ms: nowMs, task: name, unit, period },
    callers: [...volumes]
      .map(([caller, { owed, taken, beyond }]) => ({ caller, owed, taken, beyond }))
      .sort((a, b) => (a.caller < b.caller ? -1 : 1))
      .slice(0, MAX_STATED_CALLERS),
  };
}
