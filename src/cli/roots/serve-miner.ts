import type { Settings } from '../../config/load.ts';
import { INFERENCE_SERVER_LIMITS } from '../../inference/server/server-limits.ts';
import { startHttpServer } from '../../net/http-server.ts';
import type { HttpServer, HttpServerOptions, PathHandler } from '../../net/http-server.ts';
import { DEFAULT_LIMITS } from '../../net/object-server-limits.ts';
import { openTlsFiles } from '../../net/tls-files.ts';
import type { MinerInference } from './serve-inference.ts';

/** What answers under way have when the miner is stopped: less than the ten seconds that containers are given. */
const DRAIN_MS = 8000;

export interface MinerServerParts {
  hotkey: string;
  objects: PathHandler;
  /** Null where this miner serves no inference. */
  inference: MinerInference | null;
  log: HttpServerOptions['log'];
}

/** Serves all that a miner serves on the one port of its axon; by TLS too where the settings name a certificate, which is read again when it is renewed. */
export async function serveMiner(
  { values }: Settings,
  { hotkey, objects, inference, log }: MinerServerParts,
): Promise<Pick<HttpServer, 'port' | 'close'>> {
  const [certFile, keyFile] = [values['miner.tls_cert_file'], values['miner.tls_key_file']];
  let renew: HttpServer['renew'] = () => undefined;
  const tls =
    certFile === null || keyFile === null
      ? null
      : await openTlsFiles({
          ...{ certFile, keyFile },
          onChange: (certificate) => {
            renew(certificate);
            log('certificate renewed', { certFile });
          },
          onRefused: (error) => {
            log('certificate refused', { message: error.message });
          },
        });
  const server = await startHttpServer({
    ...{ host: values['miner.listen_host'], port: values['miner.port'], log },
    limits: inference === null ? DEFAULT_LIMITS : both(DEFAULT_LIMITS, INFERENCE_SERVER_LIMITS),
    handlers: inference === null ? [objects] : [objects, inference.handler],
    health: () => ({ status: 'ok', hotkey, ...(inference === null ? {} : { inference: inference.health() }) }),
    tls: tls?.certificate,
    drainMs: DRAIN_MS,
  });
  renew = server.renew;
  return {
    port: server.port,
    async close() {
      tls?.close();
      await server.close();
    },
  };
}

/** Two services share the port's bounds: it is as wide as both need. */
function both(one: HttpServerOptions['limits'], other: HttpServerOptions['limits']): HttpServerOptions['limits'] {
  return {
    maxConnections: one.maxConnections + other.maxConnections,
    maxConnectionsPerAddress: one.maxConnectionsPerAddress + other.maxConnectionsPerAddress,
    requestTimeoutMs: Math.max(one.requestTimeoutMs, other.requestTimeoutMs),
  };
}
