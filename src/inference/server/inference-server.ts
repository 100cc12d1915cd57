import { createServer } from 'node:http';
import type { ServerOptions } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { cryptoWaitReady } from '@polkadot/util-crypto';
import { SeineError, messageOf } from '../../core/errors.ts';
import { createPlaces } from '../../net/object-server-limits.ts';
import { createInferenceHandler } from './handler.ts';
import type { HandlerOptions } from './handler.ts';
import { INFERENCE_SERVER_LIMITS } from './server-limits.ts';
import type { InferenceServerLimits } from './server-limits.ts';

export interface InferenceServerOptions extends Omit<HandlerOptions, 'limits' | 'now'> {
  /** Address to listen on. */
  host: string;
  /** 0 takes a free one. */
  port: number;
  /** PEM texts; without them HTTP is spoken. */
  tls?: { key: string; cert: string };
  limits?: Partial<InferenceServerLimits>;
  /** @default Date.now */
  now?: () => number;
}

export interface InferenceServer {
  port: number;
  /** Stops listening and cuts what is under way. */
  close: () => Promise<void>;
}

/** Starts serving. Throws SeineError `PortTaken` when it can't listen there. */
export async function startInferenceServer(options: InferenceServerOptions): Promise<InferenceServer> {
  const { host, tls, now = Date.now } = options;
  const limits = { ...INFERENCE_SERVER_LIMITS, ...options.limits };
  const takeConnection = createPlaces(limits.maxConnections, limits.maxConnectionsPerAddress);
  await cryptoWaitReady();
  const handler = createInferenceHandler({ ...options, limits, now });
  const bounds: ServerOptions = {
    headersTimeout: limits.requestTimeoutMs,
    requestTimeout: limits.requestTimeoutMs,
    connectionsCheckingInterval: Math.min(1000, limits.requestTimeoutMs),
    keepAliveTimeout: 5000,
    maxHeaderSize: 8192,
  };
  const server =
    tls === undefined
      ? createServer(bounds, handler)
      : createTlsServer({ ...bounds, ...tls, handshakeTimeout: limits.requestTimeoutMs }, handler);
  server.on('connection', (socket: Socket) => {
    const leave = takeConnection(socket.remoteAddress ?? '');
    if (typeof leave === 'string') socket.destroy();
    else socket.once('close', leave);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => {
      const message = `cannot listen on ${host}:${options.port} (${messageOf(cause)}); choose another port or 0`;
      reject(new SeineError('PortTaken', message, { details: { host, port: options.port }, cause }));
    });
    server.listen(options.port, host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}
