import type { Chain } from '../commit/chain-port.ts';

const LOOK_BACK = 20;
/** Bittensor's own pace, for a chain too young to be measured. */
const USUAL_BLOCK_MS = 12_000;

/** Milliseconds that a block has taken lately, by the chain's own clock. */
export async function blockMs(chain: Pick<Chain, 'head' | 'blockHash' | 'timestamp'>): Promise<number> {
  const head = await chain.head();
  const before = head.number - LOOK_BACK;
  if (before < 1) return USUAL_BLOCK_MS;
  const [now, then] = await Promise.all([chain.timestamp(head.hash), chain.timestamp(await chain.blockHash(before))]);
  return Math.max(1, (now - then) / 1000 / LOOK_BACK);
}

/** How long so many blocks take, for a person: `about 4 minutes`. */
export function aboutMinutes(blocks: number, eachMs: number): string {
  const minutes = Math.round((Math.max(0, blocks) * eachMs) / 60_000);
  if (minutes === 0) return 'within a minute';
  return minutes === 1 ? 'in about a minute' : `in about ${minutes} minutes`;
}
