import type { ApiPromise } from '@polkadot/api';
import type { ApiOptions } from '@polkadot/api/types';
import { InvalidInputError, messageOf } from '../../core/errors.ts';
import { ChainUnreachableError, ChainUnsupportedError } from '../chain-errors.ts';
import { isOutage } from './outage.ts';
import { reconnecting } from './reconnecting.ts';

export interface ConnectOptions {
  /** `ws://` or `wss://`. */
  endpoint: string;
  log?: ((line: string) => void) | undefined;
  /** How long reads wait for a node that is away. @default 30_000 */
  patienceMs?: number | undefined;
}

/** A connection to a node that comes back by itself. */
export interface Connection {
  readonly api: ApiPromise;
  readonly endpoint: string;
  /** Runs a read, and again after an outage. Throws ChainUnreachableError when the node stays away. */
  read: <T>(run: () => Promise<T>) => Promise<T>;
  /** One JSON-RPC request that is not repeated; fails as the node or the socket does. */
  send: (method: string, params: readonly unknown[]) => Promise<unknown>;
  close: () => Promise<void>;
}

/** An answer may take this long before the request counts as lost. */
const ANSWER_LIMIT_MS = 20_000;
const SPEC_NAME = 'node-subtensor';

/** Connects and checks that a Subtensor runtime answers. Loads @polkadot/api on first use. */
export async function openConnection(options: ConnectOptions): Promise<Connection> {
  const { endpoint, patienceMs = 30_000, log = () => undefined } = options;
  if (!/^wss?:\/\//.test(endpoint)) {
    throw new InvalidInputError(`chain endpoint ${endpoint} is not a ws:// or wss:// URL`, { endpoint });
  }
  const { ApiPromise, WsProvider } = await import('@polkadot/api');
  const provider = new WsProvider(endpoint, false, {}, ANSWER_LIMIT_MS);
  const api = new ApiPromise({
    provider: provider as NonNullable<ApiOptions['provider']>,
    noInitWarn: true,
    throwOnConnect: false,
  });
  api.isReadyOrError.catch(() => undefined); // a socket error here is the reconnection's business
  const link = reconnecting(provider, { log, endpoint });
  const close = async (): Promise<void> => {
    link.stop();
    await api.disconnect();
  };

  const read = async <T>(run: () => Promise<T>): Promise<T> => {
    const until = Date.now() + patienceMs;
    for (;;) {
      if (!(await link.up(until - Date.now()))) throw new ChainUnreachableError(endpoint, patienceMs, link.trouble());
      try {
        return await run();
      } catch (error) {
        if (!isOutage(error) || link.stopped()) throw error;
        log(`chain: ${messageOf(error)}`);
        if (Date.now() >= until) throw new ChainUnreachableError(endpoint, patienceMs, error);
      }
    }
  };

  if (!(await readyWithin(api, patienceMs))) {
    await close();
    throw new ChainUnreachableError(endpoint, patienceMs, link.trouble());
  }
  const spec = api.runtimeVersion.specName.toString();
  if (spec !== SPEC_NAME) {
    await close();
    throw new ChainUnsupportedError(`spec name ${SPEC_NAME}`, { endpoint, specName: spec });
  }
  return { api, endpoint, read, close, send: (method, params) => provider.send<unknown>(method, [...params]) };
}

async function readyWithin(api: ApiPromise, limitMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), limitMs);
  });
  try {
    return await Promise.race([api.isReady.then(() => true), limit]);
  } finally {
    clearTimeout(timer);
  }
}
