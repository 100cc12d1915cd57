import { isIP } from 'node:net';
import { classifyAddress, isAllowedByName } from './address-guard.ts';
import { AddressRefusedError, PortRefusedError, UrlNotHttpError } from './fetch-errors.ts';

/** An http(s) URL without fragment and userinfo, which are never sent. Throws UrlNotHttpError for anything else. */
export function parseTarget(text: string, base?: URL): URL {
  let url: URL;
  try {
    url = new URL(text, base);
  } catch {
    throw new UrlNotHttpError(text);
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw new UrlNotHttpError(text);
  url.hash = '';
  url.username = '';
  url.password = '';
  return url;
}

/** The port that a URL leads to. */
export function portOf(url: URL): number {
  return Number(url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port);
}

/** Whether a URL's host and port are among those allowed by name: `host:port`, or `host` for the scheme's own port. */
export function isNamed(url: URL, allowPrivate: ReadonlySet<string>): boolean {
  return allowPrivate.size > 0 && (allowPrivate.has(url.host) || allowPrivate.has(`${url.hostname}:${portOf(url)}`));
}

/**
 * Refuses what can be refused before a name is resolved: addresses written into the URL, names that lead to no public
 * address by their meaning, and ports of other protocols' servers, which a request could be made to speak to.
 * @throws AddressRefusedError, PortRefusedError
 */
export function assertTarget(url: URL, byName: boolean): void {
  const literal = url.hostname.startsWith('[') ? url.hostname.slice(1, -1) : url.hostname;
  if (isIP(literal) !== 0) {
    assertAddress(url.host, literal, byName);
  } else if (!byName && isPrivateName(url.hostname)) {
    throw new AddressRefusedError(url.host, url.hostname, 'private');
  }
  if (!byName && BAD_PORTS.has(portOf(url))) throw new PortRefusedError(url.host, portOf(url));
}

/** Throws AddressRefusedError unless the address is public, or of a class that a name may allow. */
export function assertAddress(host: string, address: string, byName: boolean): void {
  const addressClass = classifyAddress(address);
  if (addressClass === 'public' || (byName && isAllowedByName(addressClass))) return;
  throw new AddressRefusedError(host, address, addressClass);
}

function isPrivateName(hostname: string): boolean {
  const name = hostname.endsWith('.') ? hostname.slice(0, -1) : hostname;
  return PRIVATE_NAMES.some((suffix) => name === suffix || name.endsWith(`.${suffix}`));
}

/** Top-level names of one's own machine or network: RFC 6761 and 6762, RFC 8375, and ICANN's reservation of `internal`. */
const PRIVATE_NAMES = ['localhost', 'local', 'internal', 'home.arpa'];

/** The bad ports of the Fetch standard (section "Port blocking"), and those of databases that take lines of text. */
const BAD_PORTS: ReadonlySet<number> = new Set([
  ...[0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109],
  ...[110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515, 526, 530],
  ...[531, 532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190],
  ...[5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080],
  // Redis, memcached, PostgreSQL, MySQL, MongoDB.
  ...[6379, 11211, 5432, 3306, 27017],
]);
