import { cryptoWaitReady } from '@polkadot/util-crypto';
import { startHttpServer } from './http-server.ts';
import type { HttpServer } from './http-server.ts';
import { createObjectHandler } from './object-handler.ts';
import type { ObjectHandlerOptions } from './object-handler.ts';
import { DEFAULT_LIMITS } from './object-server-limits.ts';

export interface ObjectServerOptions extends ObjectHandlerOptions {
  /** Address to listen on. */
  host: string;
  /** 0 takes a free one. */
  port: number;
}

export type ObjectServer = Pick<HttpServer, 'port' | 'close'>;

/** Serves objects alone, by HTTP. Throws SeineError `PortTaken` when it can't listen there. */
export async function startObjectServer(options: ObjectServerOptions): Promise<ObjectServer> {
  const { host, port, hotkey, log } = options;
  await cryptoWaitReady();
  return await startHttpServer({
    ...{ host, port, log },
    limits: { ...DEFAULT_LIMITS, ...options.limits },
    handlers: [createObjectHandler(options)],
    health: () => ({ status: 'ok', hotkey }),
  });
}
