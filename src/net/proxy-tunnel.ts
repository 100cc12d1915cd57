import { connect as connectSocket } from 'node:net';
import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { InvalidInputError } from '../core/errors.ts';
import { ProxyFailedError } from './fetch-errors.ts';

/** A proxy that opens tunnels by CONNECT (RFC 9110, 9.3.6). */
export interface Proxy {
  isSecure: boolean;
  hostname: string;
  port: number;
  /** Value of `proxy-authorization`; null without user and password. */
  authorization: string | null;
}

/**
 * A proxy from `http(s)://[user:password@]host[:port]`.
 * @throws InvalidInputError, which does not quote the URL: it may carry a password
 */
export function parseProxy(text: string): Proxy {
  const url = URL.canParse(text) ? new URL(text) : null;
  const isSecure = url?.protocol === 'https:';
  if (url === null || (url.protocol !== 'http:' && !isSecure) || url.pathname !== '/' || url.search !== '') {
    throw new InvalidInputError('fetch.proxy should be http://[user:password@]host:port');
  }
  const credentials = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  return {
    isSecure,
    hostname: url.hostname.replace(/^\[|\]$/g, ''),
    port: Number(url.port === '' ? (isSecure ? 443 : 80) : url.port),
    authorization: credentials === ':' ? null : `Basic ${Buffer.from(credentials).toString('base64')}`,
  };
}

/** Where a tunnel ends: at an address, never at a name, so that the proxy can't resolve it to another one. */
export interface TunnelEnd {
  address: string;
  family: number;
  port: number;
  /** For connecting to the proxy and its answer together. */
  timeoutMs: number;
  ca: string | null;
}

/** A socket that leads through the proxy to the address. Throws ProxyFailedError. */
export function openTunnel(proxy: Proxy, end: TunnelEnd): Promise<Socket> {
  const { hostname: host, port } = proxy;
  const socket = proxy.isSecure
    ? connectTls({ host, port, ...(end.ca === null ? {} : { ca: end.ca }) })
    : connectSocket({ host, port, noDelay: true, keepAlive: true });
  return new Promise((resolve, reject) => {
    let head = Buffer.alloc(0);
    const fail = (reason: string): void => {
      clearTimeout(timer);
      socket.destroy();
      reject(new ProxyFailedError(`${host}:${port}`, reason));
    };
    const onClose = (): void => fail('it closed the connection');
    const onData = (chunk: Buffer): void => {
      head = Buffer.concat([head, chunk]);
      const endOfHead = head.indexOf('\r\n\r\n');
      if (endOfHead === -1) {
        if (head.length > MAX_HEAD_BYTES) fail('its answer has no end');
        return;
      }
      const status = /^HTTP\/1\.[01] (\d{3})[ \r]/.exec(head.toString('latin1', 0, 14))?.[1];
      if (status?.startsWith('2') !== true) {
        fail(status === undefined ? 'its answer is not HTTP' : `status ${status}`);
        return;
      }
      clearTimeout(timer);
      socket.off('data', onData).off('close', onClose).pause();
      const early = head.subarray(endOfHead + 4);
      if (early.length > 0) socket.unshift(early);
      resolve(socket);
    };
    const timer = setTimeout(() => fail(`not within ${end.timeoutMs} ms`), end.timeoutMs);
    // Stays, so that an error between here and the socket's next owner ends no process.
    socket.on('error', (error: NodeJS.ErrnoException) => fail(error.code ?? error.message));
    socket.on('close', onClose).on('data', onData);
    socket.once(proxy.isSecure ? 'secureConnect' : 'connect', () => socket.write(requestFor(proxy, end)));
  });
}

function requestFor({ authorization }: Proxy, { address, family, port }: TunnelEnd): string {
  const authority = `${family === 6 ? `[${address}]` : address}:${port}`;
  const credentials = authorization === null ? '' : `proxy-authorization: ${authorization}\r\n`;
  return `CONNECT ${authority} HTTP/1.1\r\nhost: ${authority}\r\n${credentials}\r\n`;
}

/** Of the proxy's answer, which has no body that matters. */
const MAX_HEAD_BYTES = 8192;
