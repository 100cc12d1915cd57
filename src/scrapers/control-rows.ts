import type { Redis } from 'ioredis';
import type { DataRecord } from '../core/record.ts';
import { keyspace } from '../redis/keys.ts';

/** A row that was seen valid a short while ago. */
export interface ControlRow {
  row: DataRecord;
  /** Time of the block that it was committed in, microseconds since 1970. */
  committedAtUs: number;
  /** SS58 address of whose row it is. */
  hotkey: string;
}

/** Rows known to be good, by source: where they can't be had either, it is the validator's trouble (Redis role `index`). */
export interface ControlRows {
  add(rows: readonly ControlRow[]): Promise<void>;
  /** At most `count` rows of a source that were seen valid within the last hour and are not this miner's, the newest first. */
  draw(source: string, notOf: string, count: number): Promise<ControlRow[]>;
}

const HOUR_MS = 3_600_000;
/** Rows of a source that are kept. */
const KEPT = 200;

/** @param options.now milliseconds since 1970 */
export function createControlRows(options: { redis: Redis; hotkey: string; now: () => number }): ControlRows {
  const { redis, now } = options;
  const key = keyspace(options.hotkey);
  const of = (source: string): string => key('controls', source);
  return {
    async add(rows) {
      const batch = redis.multi();
      for (const item of rows) batch.zadd(of(item.row.source), now(), JSON.stringify(item));
      for (const source of new Set(rows.map(({ row }) => row.source))) {
        batch.zremrangebyrank(of(source), 0, -KEPT - 1);
        batch.pexpire(of(source), HOUR_MS);
      }
      if (rows.length > 0) await batch.exec();
    },
    async draw(source, notOf, count) {
      const found = await redis.zrevrangebyscore(of(source), '+inf', now() - HOUR_MS);
      const rows = found.map((text) => JSON.parse(text) as ControlRow);
      return rows.filter(({ hotkey }) => hotkey !== notOf).slice(0, count);
    },
  };
}
