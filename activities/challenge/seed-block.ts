import { setTimeout as pause } from 'node:timers/promises';
import type { BlockRef } from '../../src/core/chain.ts';
import type { Chain } from '../../src/commit/chain-port.ts';

type Blocks = Pick<Chain, 'finalized' | 'blockHash' | 'timestamp'>;

/** Half of a fast chain's block. */
const LOOK_EVERY_MS = 250;

/**
 * The first final block that was made at a time or later; null where there is none by the deadline.
 * @param startMs milliseconds since 1970
 */
export async function seedBlock(
  chain: Blocks,
  startMs: number,
  { deadlineMs, now, signal }: { deadlineMs: number; now: () => number; signal: AbortSignal },
): Promise<BlockRef | null> {
  const isSince = async (number: number): Promise<boolean> =>
    (await chain.timestamp(await chain.blockHash(number))) >= startMs * 1000;
  for (;;) {
    const { number } = await chain.finalized();
    if (await isSince(number)) {
      const first = await firstSince(number, isSince);
      return { number: first, hash: await chain.blockHash(first) };
    }
    if (now() >= deadlineMs) return null;
    await pause(LOOK_EVERY_MS, undefined, { signal });
  }
}

/** The first number for which the answer is yes, down from one for which it is: in steps that double, then by halves. */
async function firstSince(known: number, isSince: (number: number) => Promise<boolean>): Promise<number> {
  let [since, before] = [known, known - 1];
  for (let step = 1; before > 0 && (await isSince(before)); step *= 2) [since, before] = [before, before - step];
  before = Math.max(before, 0);
  while (since - before > 1) {
    const middle = before + Math.floor((since - before) / 2);
    if (await isSince(middle)) since = middle;
    else before = middle;
  }
  return since;
}
