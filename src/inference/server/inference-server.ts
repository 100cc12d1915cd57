import { cryptoWaitReady } from '@polkadot/util-crypto';
import { startHttpServer } from '../../net/http-server.ts';
import type { Certificate, HttpServer } from '../../net/http-server.ts';
import { createInferenceHandler } from './handler.ts';
import type { HandlerOptions } from './handler.ts';
import { INFERENCE_SERVER_LIMITS } from './server-limits.ts';
import type { InferenceServerLimits } from './server-limits.ts';

export interface InferenceServerOptions extends Omit<HandlerOptions, 'limits' | 'now'> {
  /** Address to listen on. */
  host: string;
  /** 0 takes a free one. */
  port: number;
  /** With it both HTTP and TLS are spoken. */
  tls?: Certificate;
  limits?: Partial<InferenceServerLimits>;
  /** @default Date.now */
  now?: () => number;
}

export type InferenceServer = HttpServer;

/** Serves inference alone. Throws SeineError `PortTaken` when it can't listen there. */
export async function startInferenceServer(options: InferenceServerOptions): Promise<InferenceServer> {
  const { host, port, tls, hotkey, log, now = Date.now } = options;
  const limits = { ...INFERENCE_SERVER_LIMITS, ...options.limits };
  await cryptoWaitReady();
  return await startHttpServer({
    ...{ host, port, tls, limits, log },
    handlers: [createInferenceHandler({ ...options, limits, now })],
    health: () => ({ status: 'ok', hotkey }),
  });
}
