import { setMaxListeners } from 'node:events';
import { checkedQueries, checkSeed } from '../../src/inference/challenge/planned-queries.ts';
import type { PlannedQuery } from '../../src/inference/challenge/planned-queries.ts';
import { alive } from '../alive.ts';
import { inconclusive } from '../check-verdicts.ts';
import { folderOf, placeOf } from './ask-slot.ts';
import { perSlot } from './deps.ts';
import type { ChallengeDeps } from './deps.ts';
import type { OpenedPeriod } from './opened-periods.ts';

/** Checks at a time in one slot: enough to keep an engine that batches busy. */
const AT_ONCE = 8;

/** Checks the answers of a slot that were drawn for it; those that have a verdict keep it. Gives how many have one. */
export async function checkSlot(
  deps: ChallengeDeps,
  { plan, schedule }: OpenedPeriod,
  slot: number,
): Promise<{ checked: number }> {
  const signal = deps.cancelled();
  setMaxListeners(AT_ONCE * 4, signal);
  const left = checkedQueries(schedule[slot] ?? [], perSlot(deps.checksPerMinute, plan.slot_ms));
  let checked = 0;

  const check = async (query: PlannedQuery): Promise<void> => {
    const place = placeOf(plan, query);
    const outcome = (await deps.log.done(place, [query.index])).get(query.index);
    if (outcome?.answer == null) return;
    if (outcome.check === null) {
      const kept = await deps.kept.find(folderOf(plan), outcome.answer);
      const result =
        kept === null
          ? inconclusive('answer_lost')
          : await deps.checkAnswer({ task: query.task, ...kept, seed: checkSeed(query) }, signal);
      await deps.log.noteCheck(place, query.index, result);
    }
    checked += 1;
  };
  const worker = async (): Promise<void> => {
    for (let query = left.shift(); query !== undefined; query = left.shift()) {
      signal.throwIfAborted();
      await check(query);
    }
  };
  await alive(
    () => deps.heartbeat({ slot, checked }),
    () => Promise.all(Array.from({ length: AT_ONCE }, worker)),
  );
  return { checked };
}
