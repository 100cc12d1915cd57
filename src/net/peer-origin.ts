import { isIP } from 'node:net';
import { InvalidInputError } from '../core/errors.ts';

/**
 * The origin to connect to: an IP address literal that is allowed, so that no name can lead elsewhere. Throws InvalidInputError for any other.
 * @param schemes those that may be spoken
 */
export function peerOrigin(
  base: string,
  isAllowedAddress: (address: string) => boolean,
  schemes: readonly ('http' | 'https')[] = ['http'],
): string {
  const url = URL.canParse(base) ? new URL(base) : null;
  const address = url?.hostname.replace(/^\[|\]$/g, '') ?? '';
  const isSpoken = schemes.some((scheme) => url?.protocol === `${scheme}:`);
  if (url === null || !isSpoken || isIP(address) === 0 || base.replace(/\/$/, '') !== url.origin) {
    throw new InvalidInputError(`${base} is not of the form ${schemes.join(' or ')}://<ip>:<port>`, { base });
  }
  if (!isAllowedAddress(address)) {
    throw new InvalidInputError(`${base} is not a public address, and peers may not be asked there`, { base });
  }
  return url.origin;
}
