import type { RedisClient } from './commit-schema.ts';

/** Blocks `from` to `to`, both included, that no node at hand could show. */
export interface Gap {
  from: number;
  to: number;
}

export interface Gaps {
  all(): Promise<Gap[]>;
  add(gap: Gap): Promise<void>;
  /** Blocks were read after all. */
  fill(read: Gap): Promise<void>;
  /** Whether a block of [from, to] was never read. */
  touch(from: number, to: number): Promise<boolean>;
}

/** The blocks that an index lacks, as a list under one key. */
export function createGaps(redis: RedisClient, key: string): Gaps {
  const all = async (): Promise<Gap[]> => JSON.parse((await redis.get(key)) ?? '[]') as Gap[];
  const write = async (gaps: readonly Gap[]): Promise<void> => {
    await redis.set(key, JSON.stringify(gaps));
  };
  return {
    all,
    add: async (gap) => write([...subtract(await all(), gap), gap].sort((a, b) => a.from - b.from)),
    fill: async (read) => write(subtract(await all(), read)),
    touch: async (from, to) => (await all()).some((gap) => gap.from <= to && gap.to >= from),
  };
}

/** What is left of gaps without some blocks. */
export function subtract(gaps: readonly Gap[], without: Gap): Gap[] {
  return gaps.flatMap(({ from, to }) => {
    const before = { from, to: Math.min(to, without.from - 1) };
    const after = { from: Math.max(from, without.to + 1), to };
    if (without.to < from || without.from > to) return [{ from, to }];
    return [before, after].filter((gap) => gap.from <= gap.to);
  });
}
