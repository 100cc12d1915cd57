import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { TEST_CERTIFICATE, TEST_KEY } from './test-certificate.ts';

/** A server on loopback that speaks in bytes, so that it can break every rule. */
export interface HostileServer {
  /** `127.0.0.1:port`. */
  host: string;
  /** Connections that were made to it. */
  connections: () => number;
  close(): void;
}

/** Does `act` to whoever has asked. Errors of its sockets are no matter. */
export function listenHostile(
  act: (socket: Socket) => void,
  when: 'asked' | 'connected' = 'asked',
): Promise<HostileServer> {
  return listen(createServer(), 'connection', act, when);
}

/** The same by TLS, with TEST_CERTIFICATE and these protocols offered by ALPN. */
export function listenHostileTls(act: (socket: Socket) => void, protocols: string[]): Promise<HostileServer> {
  const server = createTlsServer({ key: TEST_KEY, cert: TEST_CERTIFICATE, ALPNProtocols: protocols });
  return listen(server, 'secureConnection', act, 'asked');
}

/** Sends a piece again and again, as fast as it is taken or every so many milliseconds, until the other side has gone. */
export function forever(socket: Socket, piece: string | Buffer, everyMs = 0): void {
  if (everyMs > 0) {
    const timer = setInterval(() => socket.write(piece), everyMs);
    socket.on('close', () => clearInterval(timer));
    return;
  }
  const pieces = Buffer.from(piece);
  const batch = Buffer.concat(Array.from({ length: Math.ceil(16_384 / pieces.length) }, () => pieces));
  const more = (): void => {
    // A turn of the loop for others between two rounds.
    while (!socket.destroyed && socket.write(batch));
    if (!socket.destroyed) socket.once('drain', () => setImmediate(more));
  };
  more();
}

async function listen(
  server: Server,
  event: 'connection' | 'secureConnection',
  act: (socket: Socket) => void,
  when: 'asked' | 'connected',
): Promise<HostileServer> {
  const sockets = new Set<Socket>();
  let connections = 0;
  server.on('tlsClientError', () => undefined);
  server.on(event, (socket: Socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    if (when === 'connected') act(socket);
    else socket.once('data', () => act(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    connections: () => connections,
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
