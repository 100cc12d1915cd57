import { messageOf } from '../../core/errors.ts';
import type { EndpointTrouble } from '../chain-errors.ts';

/** The endpoints of one chain and which of them is next. Those found to be of another chain are left out for good. */
export interface Endpoints {
  /** Place in the list of the one to connect to. */
  current(): number;
  /** Goes on to the next usable one; says whether all have failed since the last success. */
  advance(trouble: unknown): { wholeRoundFailed: boolean };
  /** Leaves the current one out. */
  refuse(reason: Error): void;
  succeeded(): void;
  /** Why the last one left was left out; null while there is one to use. */
  exhausted(): Error | null;
  troubles(): EndpointTrouble[];
}

export function createEndpoints(list: readonly string[]): Endpoints {
  const troubles = list.map(() => 'not tried yet');
  const refused = new Set<number>();
  let at = 0;
  let failures = 0;
  let lastReason: Error | null = null;
  const step = (): void => {
    for (let tried = 0; tried < list.length; tried++) {
      at = (at + 1) % list.length;
      if (!refused.has(at)) return;
    }
  };
  return {
    current: () => at,
    advance(trouble) {
      troubles[at] = textOf(trouble);
      failures += 1;
      step();
      return { wholeRoundFailed: failures >= list.length - refused.size };
    },
    refuse(reason) {
      troubles[at] = textOf(reason);
      refused.add(at);
      lastReason = reason;
      step();
    },
    succeeded: () => (failures = 0),
    exhausted: () => (refused.size < list.length ? null : lastReason),
    troubles: () => list.map((endpoint, place) => ({ endpoint, trouble: troubles[place] ?? '' })),
  };
}

/** Socket errors come as events with a message. */
function textOf(trouble: unknown): string {
  const message =
    typeof trouble === 'object' && trouble !== null && 'message' in trouble
      ? String(trouble.message)
      : messageOf(trouble);
  return message.split('\n')[0] ?? message;
}
