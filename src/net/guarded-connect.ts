import { connect as connectSocket, isIP } from 'node:net';
import type { LookupFunction, Socket } from 'node:net';
import { buildConnector } from 'undici';
import { classifyAddress } from './address-guard.ts';
import { FetchTimeoutError } from './fetch-errors.ts';
import { assertAddress } from './guarded-target.ts';
import type { Proxy } from './proxy-tunnel.ts';
import { openTunnel } from './proxy-tunnel.ts';

/** An address that a name was resolved to; `family` is 4 or 6. */
export interface Address {
  address: string;
  family: number;
}

/** Resolves a name to all its addresses. */
export type Resolve = (hostname: string) => Promise<readonly Address[]>;

export interface ConnectOptions {
  resolve: Resolve;
  /** Whether the hosts that are connected to were allowed by name. */
  byName: boolean;
  resolveMs: number;
  connectMs: number;
  tlsMs: number;
  /** Null: straight to the address. */
  proxy: Proxy | null;
  /** Whether addresses that are not public are connected to past the proxy. */
  privateDirect: boolean;
  /** Whether HTTP/2 is offered to servers. */
  http2: boolean;
  /** Certificate authority in PEM that is trusted instead of the public ones. */
  ca: string | null;
}

/**
 * A connector for undici that resolves a name once, checks every address, and connects to those that it has checked, by
 * itself or through a proxy's tunnel. A connection fails as its phase does: AddressRefusedError, FetchTimeoutError,
 * ProxyFailedError, or the system's own error.
 */
export function guardedConnector(options: ConnectOptions): buildConnector.connector {
  const { tlsMs } = options;
  const startTls = buildConnector({
    allowH2: options.http2,
    timeout: tlsMs,
    ...(options.ca === null ? {} : { ca: options.ca }),
  });
  return (target, callback) => {
    openSocket(options, target).then(
      (socket) => {
        if (target.protocol !== 'https:') {
          callback(null, socket);
          return;
        }
        startTls({ ...target, httpSocket: socket }, (error, secured) => {
          if (error === null) callback(null, secured);
          else callback(isLate(error) ? new FetchTimeoutError(target.hostname, tlsMs, 'tls') : error, null);
        });
      },
      (error: unknown) => callback(error instanceof Error ? error : new Error(String(error)), null),
    );
  };
}

function isLate(error: NodeJS.ErrnoException): boolean {
  return error.code === 'UND_ERR_CONNECT_TIMEOUT';
}

async function openSocket(options: ConnectOptions, target: buildConnector.Options): Promise<Socket> {
  const { connectMs, proxy, privateDirect } = options;
  const host = target.hostname.replace(/^\[|\]$/g, '');
  const port = Number(target.port === '' ? (target.protocol === 'https:' ? 443 : 80) : target.port);
  const addresses = await checkedAddresses(host, options);
  const [first] = addresses;
  if (first === undefined) throw Object.assign(new Error(`${host} has no address`), { code: 'ENOTFOUND' });
  const isDirect = privateDirect && classifyAddress(first.address) !== 'public';
  if (proxy !== null && !isDirect)
    return await openTunnel(proxy, { ...first, port, timeoutMs: connectMs, ca: options.ca });
  return await dial(addresses, first, port, host, connectMs);
}

/** All addresses of a name, if each of them may be connected to: one that may not makes the name a trap. */
async function checkedAddresses(host: string, options: ConnectOptions): Promise<readonly Address[]> {
  const { byName, resolve, resolveMs } = options;
  const family = isIP(host);
  const addresses =
    family === 0
      ? await within(resolve(host), resolveMs, () => new FetchTimeoutError(host, resolveMs, 'resolve'))
      : [{ address: host, family }];
  for (const { address } of addresses) assertAddress(host, address, byName);
  return addresses.slice(0, MAX_ADDRESSES);
}

/** Connects to one of the addresses: with several, Node tries them in turn (RFC 8305), and resolves nothing anew. */
function dial(
  addresses: readonly Address[],
  first: Address,
  port: number,
  host: string,
  timeoutMs: number,
): Promise<Socket> {
  const lookup: LookupFunction = (_hostname, { all }, callback) => {
    if (all === true) callback(null, [...addresses]);
    else callback(null, first.address, first.family);
  };
  const several = { host, lookup, autoSelectFamily: true };
  const socket = connectSocket({
    port,
    ...(addresses.length === 1 ? { host: first.address } : several),
    noDelay: true,
    keepAlive: true,
  });
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => socket.destroy(new FetchTimeoutError(host, timeoutMs, 'connect')), timeoutMs);
    // Stays, so that an error between here and the socket's next owner ends no process.
    socket.on('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    socket.once('connect', () => {
      clearTimeout(timer);
      resolve(socket);
    });
  });
}

async function within<T>(promise: Promise<T>, timeoutMs: number, late: () => Error): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late()), timeoutMs);
  });
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    clearTimeout(timer);
  }
}

/** As many as are tried; all are checked. */
const MAX_ADDRESSES = 8;
