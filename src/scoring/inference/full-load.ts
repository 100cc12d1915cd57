import { sha256 } from '../../core/hash/sha256.ts';
import { PPM } from '../../core/units.ts';

/** A number that a seed fixes, each as likely: 0 to 999,999. */
export function drawPpm(seed: string): number {
  return Number(BigInt(`0x${Buffer.from(sha256(seed)).toString('hex')}`) % BigInt(PPM));
}

/** The draw of the block at which a period begins: the same for all validators, whatever their secrets. */
export function fullLoadDraw(blockHash: string): number {
  return drawPpm(`seine-full-load.${blockHash}`);
}

/**
 * Whether a period is one of full load: each of the next `window` is as likely, and there is always one within them. The draw must be the same for all
 * validators, tasks and miners (a hash of the block at which the period begins), so that a machine behind many keys is asked by all of them at once; and nobody
 * knows it before.
 * @param periodsSince the last one; 1 right after it, null before the first
 */
export function isFullLoad(draw: number, periodsSince: number | null, window: number): boolean {
  return periodsSince === null || draw * (window + 1 - periodsSince) < PPM;
}
