import type { WsProvider } from '@polkadot/api';

/** Keeps a provider connected. */
export interface Link {
  /** Whether the node is there, waiting for it at most so long. */
  up(waitMs: number): Promise<boolean>;
  /** The last socket error. */
  trouble(): unknown;
  stopped(): boolean;
  stop(): void;
}

const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 15_000;

/**
 * Connects, and again after each loss, with delays that double from 0.1 s to 15 s and are spread at random so that many clients don't
 * return at once. Subscriptions other than to transactions are renewed by the provider.
 */
export function reconnecting(provider: WsProvider, options: { endpoint: string; log: (line: string) => void }): Link {
  let stopped = false;
  let trouble: unknown;
  let delayMs = FIRST_DELAY_MS;
  let timer: NodeJS.Timeout | undefined;

  const connect = (): void => {
    provider.connect().catch((error: unknown) => {
      trouble = error;
      later();
    });
  };
  const later = (): void => {
    if (stopped) return;
    clearTimeout(timer);
    timer = setTimeout(connect, delayMs * (0.5 + Math.random() / 2));
    delayMs = Math.min(delayMs * 2, LONGEST_DELAY_MS);
  };
  provider.on('error', (error: unknown) => (trouble = error));
  provider.on('connected', () => {
    if (delayMs > FIRST_DELAY_MS) options.log(`chain: connected to ${options.endpoint}`);
    delayMs = FIRST_DELAY_MS;
  });
  provider.on('disconnected', () => {
    if (!stopped && delayMs === FIRST_DELAY_MS) options.log(`chain: lost ${options.endpoint}`);
    later();
  });
  connect();

  return {
    trouble: () => trouble,
    stopped: () => stopped,
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
    up(waitMs) {
      if (provider.isConnected) return Promise.resolve(true);
      if (stopped || waitMs <= 0) return Promise.resolve(false);
      return new Promise((resolve) => {
        const limit = setTimeout(() => settle(false), waitMs);
        const off = provider.on('connected', () => settle(true));
        const settle = (up: boolean): void => {
          clearTimeout(limit);
          off();
          resolve(up);
        };
      });
    },
  };
}
