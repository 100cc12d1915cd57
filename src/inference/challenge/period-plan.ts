import type { BlockRef } from '../../core/chain.ts';
import { sha256Hex } from '../../core/hash/sha256.ts';
import { PPM } from '../../core/units.ts';
import { MOST_CONNECTIONS } from '../client/miner-http.ts';
import type { CapacityStatement } from '../server/statements.ts';
import type { Task } from '../tasks/task.ts';

/** What a miner is asked for of one task in a period, in the task's unit. */
export interface PlannedTask {
  /** Name. */
  task: string;
  /** For all validators together, and this one's share of it. */
  stated: number;
  owed: number;
  /** What it is asked for by synthetic requests. */
  ask: number;
  /** Requests at once. */
  concurrency: number;
}

export interface PlannedMiner {
  /** SS58 address. */
  hotkey: string;
  /** Block of the registration. */
  registered: number;
  /** Where it is asked. */
  base: string;
  tasks: readonly PlannedTask[];
}

/** Who is asked for how much of what in a period. With the secret it fixes every request: when, of what size, with which prompt. */
export interface PeriodPlan {
  version: 1;
  netuid: number;
  /** SS58 address. */
  validator: string;
  period_ms: number;
  /** Number of the period, counted from 1970. */
  period: number;
  seed_block: BlockRef;
  full_load: boolean;
  /** Milliseconds since 1970 between which requests begin. */
  opens_ms: number;
  closes_ms: number;
  slot_ms: number;
  /** Requests of one miner for one task at most; what a liar states must not take the time of all others. */
  most_requests: number;
  /** As they stood: a change of the file counts from the next period on. */
  tasks: readonly Task[];
  /** By hotkey. */
  miners: readonly PlannedMiner[];
}

/** A miner that answered, with what it states. */
export interface StatedMiner extends Omit<PlannedMiner, 'tasks'> {
  capacity: CapacityStatement['tasks'];
}

export interface PlanInput extends Omit<PeriodPlan, 'version' | 'most_requests' | 'miners'> {
  /** 64 hex characters. */
  secret: string;
  miners: readonly StatedMiner[];
  /** What of a stated volume this validator is owed. */
  owedOf: (stated: number) => number;
  /** Share of what is owed that a period asks for which is none of full load, in parts per million: the published distribution. */
  testedSharePpm: (seed: string) => number;
  /** Requests that this validator sends in the period, over all miners. */
  requests: number;
}

/** The slots that a period is cut into: so many that its workflow's history stays far below Temporal's limit of events. */
const MOST_SLOTS = 180;
/** Shorter slots would spend their time on being begun. */
const LEAST_SLOT_MS = 2000;
/** Share of a period, and time, at its end in which no request begins: a miner counts by its own clock and must count it in the same period. */
const END_SHARE = 20;
const MOST_END_MS = 5000;

/** @returns 20 s of an hour */
export function slotMsOf(periodMs: number): number {
  return Math.max(LEAST_SLOT_MS, Math.ceil(periodMs / MOST_SLOTS));
}

/** When the last request of a period may begin. */
export function closesMs(periodMs: number, period: number): number {
  return (period + 1) * periodMs - Math.min(MOST_END_MS, Math.floor(periodMs / END_SHARE));
}

export function slotsOf({ opens_ms, closes_ms, slot_ms }: PeriodPlan): number {
  return Math.max(0, Math.ceil((closes_ms - opens_ms) / slot_ms));
}

/** Cuts what miners state to this validator's share, and draws how much of it is asked for. */
export function planPeriod(input: PlanInput): PeriodPlan {
  const { secret, miners, owedOf, testedSharePpm, requests, ...head } = input;
  const planned = miners
    .map(({ capacity, ...miner }) => {
      const tasks = head.tasks.flatMap((task): PlannedTask[] => {
        const stated = capacity.find((one) => one.task === task.name);
        if (stated === undefined || stated.unit !== task.unit || stated.period_ms !== task.period_ms) return [];
        const owed = owedOf(stated.volume);
        const share = head.full_load ? PPM : testedSharePpm(drawSeed(head, secret, miner.hotkey, task.name));
        // A lost millionth of a large volume is no request less.
        const ask = Number((BigInt(owed) * BigInt(share)) / BigInt(PPM));
        const concurrency = Math.min(Math.max(stated.concurrency, 1), MOST_CONNECTIONS);
        return owed === 0 ? [] : [{ task: task.name, stated: stated.volume, owed, ask, concurrency }];
      });
      return { ...miner, tasks };
    })
    .filter(({ tasks }) => tasks.length > 0)
    .sort((a, b) => (a.hotkey < b.hotkey ? -1 : 1));
  const pairs = planned.reduce((sum, { tasks }) => sum + tasks.length, 0);
  const most_requests = Math.max(1, Math.floor(requests / Math.max(pairs, 1)));
  return { version: 1, ...head, most_requests, miners: planned };
}

function drawSeed({ seed_block }: Pick<PeriodPlan, 'seed_block'>, secret: string, miner: string, task: string): string {
  return sha256Hex(`seine-tested-share.${seed_block.hash}.${secret}.${miner}.${task}`);
}
