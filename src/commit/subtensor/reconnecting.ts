import type { WsProvider } from '@polkadot/api';
import { messageOf } from '../../core/errors.ts';
import { ForeignEndpointError } from '../chain-errors.ts';
import type { Endpoints } from './endpoints.ts';

/** Keeps a provider connected to one of its endpoints. */
export interface Link {
  /** Whether a node is there, waiting for one at most so long. */
  up(waitMs: number): Promise<boolean>;
  /** Gives up a node that does not answer, and goes on with the next. */
  leave(): void;
  stopped(): boolean;
  stop(): void;
}

const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 15_000;
const OPENING_LIMIT_MS = 10_000;

/**
 * Connects, and again after each loss: at once to the next endpoint, and once all have failed with delays that double from 0.1 s to 15 s and
 * are spread at random so that many clients don't return at once. `verify` is asked before an endpoint is used. Subscriptions other
 * than to transactions are renewed by the provider.
 */
export function reconnecting(
  provider: WsProvider,
  endpoints: Endpoints,
  options: { list: readonly string[]; verify: (endpoint: string) => Promise<void>; log: (line: string) => void },
): Link {
  const { list, verify, log } = options;
  let stopped = false;
  let trouble: unknown = 'no connection';
  let delayMs = FIRST_DELAY_MS;
  let timer: NodeJS.Timeout | undefined;
  let opening: NodeJS.Timeout | undefined;
  const waiting = new Set<(up: boolean) => void>();
  const name = (): string => list[endpoints.current()] ?? '';

  const connect = async (): Promise<void> => {
    try {
      await verify(name());
      if (stopped) return;
      await provider.connect();
      // A host that swallows packets would keep the socket opening for minutes; closing it leads to "disconnected".
      opening = setTimeout(() => void provider.disconnect(), OPENING_LIMIT_MS);
    } catch (error) {
      if (error instanceof ForeignEndpointError) {
        log(`chain: ${error.message}`);
        endpoints.refuse(error);
        if (endpoints.exhausted() === null) soon(0);
        else for (const settle of waiting) settle(false);
      } else {
        trouble = error;
        later();
      }
    }
  };
  const soon = (inMs: number): void => {
    if (stopped) return;
    clearTimeout(timer);
    timer = setTimeout(() => void connect(), inMs);
  };
  const later = (): void => {
    const { wholeRoundFailed } = endpoints.advance(trouble);
    if (!wholeRoundFailed) return soon(0);
    soon(delayMs * (0.5 + Math.random() / 2));
    delayMs = Math.min(delayMs * 2, LONGEST_DELAY_MS);
  };
  provider.on('error', (error: unknown) => (trouble = error));
  provider.on('connected', () => {
    clearTimeout(opening);
    if (delayMs > FIRST_DELAY_MS || list.length > 1) log(`chain: connected to ${name()}`);
    delayMs = FIRST_DELAY_MS;
    endpoints.succeeded();
    for (const settle of waiting) settle(true);
  });
  provider.on('disconnected', () => {
    clearTimeout(opening);
    if (stopped) return;
    if (delayMs === FIRST_DELAY_MS) log(`chain: lost ${name()}`);
    later();
  });
  void connect();

  return {
    stopped: () => stopped,
    stop() {
      stopped = true;
      clearTimeout(timer);
      clearTimeout(opening);
      for (const settle of waiting) settle(false);
    },
    leave() {
      trouble = 'no answer';
      provider.disconnect().catch((error: unknown) => log(`chain: ${messageOf(error)}`));
    },
    up(waitMs) {
      if (provider.isConnected) return Promise.resolve(true);
      if (stopped || waitMs <= 0 || endpoints.exhausted() !== null) return Promise.resolve(false);
      return new Promise((resolve) => {
        const settle = (up: boolean): void => {
          clearTimeout(limit);
          waiting.delete(settle);
          resolve(up);
        };
        const limit = setTimeout(() => settle(false), waitMs);
        waiting.add(settle);
      });
    },
  };
}
