import { isIP } from 'node:net';
import { InvalidInputError } from '../../core/errors.ts';

/** The address that an axon's number stands for, IPv4 or IPv6 by `ipType`. */
export function formatIp(ip: bigint, ipType: number): string {
  if (ipType === 4) return [24n, 16n, 8n, 0n].map((shift) => (ip >> shift) & 255n).join('.');
  const groups = Array.from({ length: 8 }, (_, at) => ((ip >> BigInt(112 - 16 * at)) & 0xffffn).toString(16));
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1);
}

/** An address as axons carry it. Throws InvalidInputError for anything but an IPv4 or IPv6 address. */
export function parseIp(text: string): { ip: bigint; ipType: 4 | 6 } {
  const ipType = isIP(text);
  if (ipType === 4) return { ip: text.split('.').reduce((sum, part) => sum * 256n + BigInt(part), 0n), ipType };
  if (ipType !== 6 || text.includes('%')) throw new InvalidInputError(`${text} is not an IP address`, { ip: text });
  // The URL parser writes an embedded IPv4 as two groups, so that only one :: is left to fill up.
  const [before = '', after] = new URL(`http://[${text}]`).hostname.slice(1, -1).split('::');
  const head = before === '' ? [] : before.split(':');
  const tail = after === undefined || after === '' ? [] : after.split(':');
  const groups = [...head, ...Array<string>(8 - head.length - tail.length).fill('0'), ...tail];
  return { ip: groups.reduce((sum, group) => (sum << 16n) + BigInt(`0x${group}`), 0n), ipType };
}
