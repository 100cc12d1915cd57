import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SeineError, messageOf } from '../core/errors.ts';

/** What a monitoring system reads. */
export interface MetricsText {
  contentType: string;
  read: () => Promise<string>;
}

export interface MetricsServer {
  port: number;
  close(): Promise<void>;
}

/** A request is a line and some headers; whoever sends them slowly must not hold a socket for long. */
const REQUEST_WITHIN_MS = 5000;
const MOST_CONNECTIONS = 20;

/** Serves `GET /metrics` and nothing else. Throws SeineError `PortTaken` when it can't listen there. @param port 0 takes a free one */
export async function startMetricsServer(
  { contentType, read }: MetricsText,
  { host, port }: { host: string; port: number },
): Promise<MetricsServer> {
  const server = createServer(
    { requestTimeout: REQUEST_WITHIN_MS, headersTimeout: REQUEST_WITHIN_MS },
    (request, response) => {
      if (request.url !== '/metrics' || request.method !== 'GET') {
        response.writeHead(404, { 'content-type': 'text/plain' }).end('GET /metrics\n');
        return;
      }
      read().then(
        (text) => response.writeHead(200, { 'content-type': contentType }).end(text),
        () => response.writeHead(500).end(),
      );
    },
  );
  server.maxConnections = MOST_CONNECTIONS;
  await new Promise<void>((resolve, reject) => {
    // Stays: later errors, as for want of a file handle, must not end the process.
    server.on('error', (cause) => {
      const message = `cannot listen on ${host}:${port} for metrics (${messageOf(cause)}); choose another metrics.port`;
      reject(new SeineError('PortTaken', message, { details: { host, port }, cause }));
    });
    server.listen(port, host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}
