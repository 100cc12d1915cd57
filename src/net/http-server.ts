import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { Server as TlsServer } from 'node:tls';
import { SeineError, messageOf } from '../core/errors.ts';
import { createPlaces } from './object-server-limits.ts';

/*
 * One port for all that a peer serves. Handlers are asked in their order whether a path is theirs; GET /health is answered here, for all of them. With a
 * certificate both HTTP and TLS are spoken on the port, told apart by a connection's first byte: peers that know the axon's address alone ask by HTTP.
 */

/**
 * Answers a request whose path is its own, and says whether it is. One that says so must see to it that the response ends.
 * @param path of the request's URL, without the query
 */
export type PathHandler = (
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
) => boolean | Promise<boolean>;

export interface HttpServerLimits {
  /** Open connections, over all addresses. */
  maxConnections: number;
  /** Open connections of one remote address. */
  maxConnectionsPerAddress: number;
  /** Time in which a whole request must arrive, and a TLS handshake end. */
  requestTimeoutMs: number;
}

/** PEM texts. */
export interface Certificate {
  cert: string;
  key: string;
}

export interface HttpServerOptions {
  /** Address to listen on. */
  host: string;
  /** 0 takes a free one. */
  port: number;
  limits: HttpServerLimits;
  handlers: readonly PathHandler[];
  /** What `GET /health` answers; nothing that strangers should not read. */
  health: () => object;
  /** @default HTTP alone */
  tls?: Certificate | undefined;
  /** What answers under way have at `close` to come to their end. @default 0 */
  drainMs?: number;
  log: (message: string, details: Readonly<Record<string, unknown>>) => void;
}

export interface HttpServer {
  port: number;
  /** Serves by another certificate from the next connection on. Throws where it and its key are no pair, or TLS is not spoken. */
  renew: (certificate: Certificate) => void;
  /** Stops listening, and cuts what is under way once `drainMs` are over. */
  close: () => Promise<void>;
}

/** First byte of a TLS record that opens a handshake (RFC 8446, 5.1); no HTTP method begins with it. */
const TLS_HANDSHAKE = 0x16;
/** A request's line and headers come at once, whatever its body takes. */
const MOST_HEADERS_MS = 5000;

/** Starts serving. Throws SeineError `PortTaken` when it can't listen there, and what a broken certificate throws. */
export async function startHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const { host, limits, drainMs = 0 } = options;
  const underWay = createUnderWay();
  const server = createServer(
    {
      headersTimeout: Math.min(MOST_HEADERS_MS, limits.requestTimeoutMs),
      requestTimeout: limits.requestTimeoutMs,
      connectionsCheckingInterval: Math.min(1000, limits.requestTimeoutMs),
      keepAliveTimeout: 5000,
      maxHeaderSize: 8192,
    },
    (request, response) => {
      underWay.add(response);
      void answer(options, request, response);
    },
  );
  const tls = options.tls === undefined ? null : speakBoth(server, options.tls, limits.requestTimeoutMs);
  const open = new Set<Socket>();
  const takeConnection = createPlaces(limits.maxConnections, limits.maxConnectionsPerAddress);
  server.prependListener('connection', (socket) => {
    const leave = takeConnection(socket.remoteAddress ?? '');
    if (typeof leave === 'string') {
      socket.destroy();
      return;
    }
    open.add(socket);
    socket.once('close', () => {
      open.delete(socket);
      leave();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => {
      const message = `cannot listen on ${host}:${options.port} (${messageOf(cause)}); choose another port or 0`;
      reject(new SeineError('PortTaken', message, { details: { host, port: options.port }, cause }));
    });
    server.listen(options.port, host, resolve);
  });
  // As where a connection can't be taken for want of a file handle: without a listener it would end the process.
  server.on('error', (error) => {
    options.log('server failed', { message: messageOf(error) });
  });
  return {
    port: (server.address() as AddressInfo).port,
    renew(certificate) {
      if (tls === null) throw new SeineError('NoTls', 'this server speaks HTTP alone; start it with a certificate');
      tls.setSecureContext(certificate);
    },
    async close() {
      const closed = new Promise<void>((resolve) => {
        server.close(() => {
          resolve();
        });
      });
      await underWay.end(drainMs);
      for (const socket of open) socket.destroy();
      await closed;
    },
  };
}

/** The answers that a server is about. */
function createUnderWay(): { add: (response: ServerResponse) => void; end: (withinMs: number) => Promise<void> } {
  const responses = new Set<ServerResponse>();
  let over: (() => void) | null = null;
  return {
    add(response) {
      responses.add(response);
      // A connection that is kept would bring another request.
      if (over !== null) response.shouldKeepAlive = false;
      response.once('close', () => {
        responses.delete(response);
        if (responses.size === 0) over?.();
      });
    },
    /** Waits for them. */
    async end(withinMs) {
      if (withinMs === 0 || responses.size === 0) return;
      for (const response of responses) response.shouldKeepAlive = false;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, withinMs);
        over = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    },
  };
}

async function answer(
  { handlers, health, log }: HttpServerOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const path = request.url?.split('?')[0] ?? '';
  try {
    if (path === '/health') {
      sendJson(response, 200, health());
      return;
    }
    for (const handler of handlers) if (await handler(request, response, path)) return;
    sendJson(response, 404, { error: 'unknown_path', message: 'nothing is served at this path' });
  } catch (error) {
    log('server failed', { path, message: messageOf(error) });
    if (response.headersSent) response.destroy();
    else sendJson(response, 503, { error: 'unavailable', message: 'this server has trouble of its own' });
  }
}

function sendJson(response: ServerResponse, status: number, value: object): void {
  const body = Buffer.from(JSON.stringify(value));
  // What was not read of a body is not waited for.
  if (!response.req.complete) response.setHeader('connection', 'close');
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': body.length,
    'cache-control': 'no-store',
  });
  response.end(body);
}

/** Has the server look at a connection's first byte before it reads the connection as HTTP, or as HTTP within TLS. */
function speakBoth(server: Server, certificate: Certificate, withinMs: number): TlsServer {
  // The server's own reader of a connection. The server itself still listens, so that it times all that it reads.
  const readers = server.listeners('connection');
  server.removeAllListeners('connection');
  const read = (socket: Socket): void => {
    for (const reader of readers) reader.call(server, socket);
  };
  const tls = createTlsServer({ ...certificate, handshakeTimeout: withinMs, ALPNProtocols: ['http/1.1'] }, read);
  // A handshake that fails is the client's affair; the socket is destroyed by then.
  tls.on('tlsClientError', (_error, socket) => socket.destroy());
  server.on('connection', (socket) => {
    const drop = (): void => void socket.destroy();
    const timer = setTimeout(drop, withinMs);
    socket.once('close', () => {
      clearTimeout(timer);
    });
    socket.on('error', drop);
    socket.once('readable', () => {
      clearTimeout(timer);
      const first = socket.read() as Buffer | null;
      // The other side closed before it said a word.
      if (first === null) return drop();
      socket.off('error', drop);
      socket.unshift(first);
      if (first[0] === TLS_HANDSHAKE) tls.emit('connection', socket);
      else read(socket);
    });
  });
  return tls;
}
