import type { ApiPromise, WsProvider } from '@polkadot/api';
import type { ApiOptions } from '@polkadot/api/types';
import { InvalidInputError, messageOf } from '../../core/errors.ts';
import { ChainUnreachableError } from '../chain-errors.ts';
import { createEndpoints } from './endpoints.ts';
import { createVerifier } from './identity.ts';
import { failureOf } from './outage.ts';
import { reconnecting } from './reconnecting.ts';

export interface ConnectionOptions {
  /** `ws://` or `wss://`, in the order in which they are tried. All are of one chain. */
  endpoints: readonly string[];
  log?: ((line: string) => void) | undefined;
  /** How long reads wait for a node that is away. @default 30_000 */
  patienceMs?: number | undefined;
  /** Hash of block 0. @default that of the first endpoint that answers */
  genesisHash?: string | undefined;
}

/** A connection to one of several nodes that comes back by itself. */
export interface Connection {
  readonly api: ApiPromise;
  /** Runs a read, and again after an outage, by the next endpoint. Throws ChainUnreachableError when all stay away. */
  read: <T>(run: () => Promise<T>) => Promise<T>;
  /** One JSON-RPC request that is not repeated; fails as the node or the socket does. */
  send: (method: string, params: readonly unknown[]) => Promise<unknown>;
  close: () => Promise<void>;
}

/** An answer may take this long before the request counts as lost. */
const ANSWER_LIMIT_MS = 20_000;
const AFTER_OUTAGE_MS = 20;

/** Connects to the first endpoint that answers with a Subtensor runtime. Loads @polkadot/api on first use. */
export async function openConnection(options: ConnectionOptions): Promise<Connection> {
  const { endpoints: list, patienceMs = 30_000, log = () => undefined } = options;
  const strange = list.find((endpoint) => !/^wss?:\/\//.test(endpoint));
  if (strange !== undefined || list.length === 0) {
    throw new InvalidInputError(`chain endpoint ${strange ?? '(none)'} is not a ws:// or wss:// URL`, {
      endpoints: list,
    });
  }
  const polkadot = await import('@polkadot/api');
  const endpoints = createEndpoints(list);
  class ChoosingProvider extends polkadot.WsProvider {
    override selectEndpointIndex(): number {
      return endpoints.current();
    }

    // The library's cache keeps failures too: a read that was cut off would fail for half a minute more.
    override send<T>(...[method, params, , subscription]: Parameters<WsProvider['send']>): Promise<T> {
      return super.send<T>(method, params, false, subscription);
    }
  }
  const provider = new ChoosingProvider([...list], false, {}, ANSWER_LIMIT_MS);
  const { verify } = createVerifier(polkadot.WsProvider, options.genesisHash);
  const link = reconnecting(provider, endpoints, { list, verify, log });
  const unreachable = (cause?: unknown): Error =>
    endpoints.exhausted() ?? new ChainUnreachableError(endpoints.troubles(), patienceMs, cause);

  const until = Date.now() + patienceMs;
  if (!(await link.up(patienceMs))) {
    link.stop();
    await provider.disconnect();
    throw unreachable();
  }
  // Made only now, since what it learns of its first chain it never forgets.
  const api = new polkadot.ApiPromise({
    provider: provider as NonNullable<ApiOptions['provider']>,
    noInitWarn: true,
    throwOnConnect: false,
  });
  api.isReadyOrError.catch(() => undefined); // a socket error here is the reconnection's business
  const close = async (): Promise<void> => {
    link.stop();
    await api.disconnect();
  };
  if (!(await readyWithin(api, Math.max(1000, until - Date.now())))) {
    await close();
    throw unreachable();
  }

  const read = async <T>(run: () => Promise<T>): Promise<T> => {
    const giveUpAt = Date.now() + patienceMs;
    for (;;) {
      if (!(await link.up(giveUpAt - Date.now()))) throw unreachable();
      try {
        return await run();
      } catch (error) {
        const failure = failureOf(error);
        if (failure === 'refused' || link.stopped()) throw error;
        log(`chain: ${messageOf(error).split('\n')[0]}`);
        if (failure === 'silent') link.leave();
        if (Date.now() >= giveUpAt) throw unreachable(error);
        // The library answers with the same failure until the event loop has turned; without a pause it never would.
        await new Promise((resolve) => setTimeout(resolve, AFTER_OUTAGE_MS));
      }
    }
  };
  return { api, read, close, send: (method, params) => provider.send<unknown>(method, [...params]) };
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
