import { InvalidArgumentError } from 'commander';
import { RAO_PER_TAO } from '../core/units.ts';

/** Parser of an amount such as `1.5`, with at most 9 decimals, into RAO. */
export function taoAmount(text: string): bigint {
  const [, whole, decimals = ''] = /^(\d{1,9})(?:\.(\d{1,9}))?$/.exec(text) ?? [];
  const rao = whole === undefined ? 0n : BigInt(whole) * RAO_PER_TAO + BigInt(decimals.padEnd(9, '0'));
  if (rao === 0n) throw new InvalidArgumentError('should be an amount above 0 such as 1.5, with at most 9 decimals.');
  return rao;
}

/** RAO as TAO, without trailing zeros: `1.5`. */
export function formatTao(rao: bigint): string {
  const decimals = (rao % RAO_PER_TAO).toString().padStart(9, '0').replace(/0+$/, '');
  return decimals === '' ? `${rao / RAO_PER_TAO}` : `${rao / RAO_PER_TAO}.${decimals}`;
}
