import type { DataRecord } from '../../../core/record.ts';
import { sha256Hex } from '../../../core/hash/sha256.ts';
import { drawSample, sampleSeed } from '../../sample.ts';
import { EPOCH_BLOCKS, timeOf } from '../clock.ts';
import { commit } from '../strategy.ts';
import type { Strategy } from '../strategy.ts';
import { words } from '../world.ts';
import { someBlock } from './honest.ts';
import { invented } from './inventing.ts';

/** Commits each page under several addresses that show it. */
export function alias(
  times: number,
  addressOf: (url: string, n: number) => string,
  textOf: (text: string, n: number) => string,
): Strategy {
  return (turn) => {
    const block = someBlock(turn);
    const pages = turn.scrape(Math.ceil(turn.rows / times), block);
    const rows = pages.flatMap((page) =>
      Array.from({ length: times }, (_, n) => {
        const url = n === 0 ? page.url : addressOf(page.url, n);
        return { ...page, id: `web:${url}`, url, text: n === 0 ? page.text : textOf(page.text ?? '', n) };
      }),
    );
    return [commit(turn, block, rows)];
  };
}

export const trackingParameters = (url: string, n: number): string => `${url}?utm_source=${n}`;
export const queryParameters = (url: string, n: number): string => `${url}?a=${n}`;
export const paddedNumber = (url: string, n: number): string => url.replace(/\/(?=\d+$)/u, `/${'0'.repeat(n)}`);
export const sameText = (text: string): string => text;
export const withSuffix = (text: string, n: number): string => `${text} part ${n}`;

/** Says that pages are newer than they are. */
export const forgeFreshness: Strategy = (turn) => {
  const block = someBlock(turn);
  const rows = turn.scrape(turn.rows, block);
  return [
    commit(
      turn,
      block,
      rows.map((item) => ({ ...item, created_at: timeOf(block) })),
    ),
  ];
};

/** Says that pages were scraped at the end of the epoch. */
export const forgeScrapeTime: Strategy = (turn) => {
  const block = someBlock(turn);
  const rows = turn.scrape(turn.rows, block);
  return [
    commit(
      turn,
      block,
      rows.map((item) => ({ ...item, scraped_at: timeOf(turn.firstBlock + EPOCH_BLOCKS) })),
    ),
  ];
};

/** Reads half of each page and makes up the rest, so that it looks like an edited one. */
export const halfTrue: Strategy = (turn) => {
  const block = someBlock(turn);
  const blur = (item: DataRecord): DataRecord => ({
    ...item,
    text: `${item.text ?? ''} ${words(turn.random.below, 4)}`,
  });
  return [commit(turn, block, turn.scrape(turn.rows, block).map(blur))];
};

/**
 * Tries manifests until the sample that a known block's hash would draw misses the inventions; the block that counts comes after the deadline.
 * @param guessHash the newest hash that the miner can know
 */
export function grind(
  tries: number,
  sharePpm: number,
  sampleRows: number,
  guessHash: (epoch: number) => string,
): Strategy {
  return (turn) => {
    const block = someBlock(turn);
    const count = Math.round((turn.rows * sharePpm) / 1_000_000);
    const honestRows = turn.scrape(turn.rows - count, block);
    const hotkey = turn.keys[0]?.hotkey ?? '';
    const hits = (fakes: readonly DataRecord[]): number => {
      const rows = [...honestRows, ...fakes];
      const seed = sampleSeed(guessHash(turn.epoch), 'validator-0', hotkey, digestOf(rows));
      const drawn = new Set(
        drawSample(
          seed,
          rows.map(({ id }) => id),
          sampleRows,
        ),
      );
      return fakes.filter(({ id }) => drawn.has(id)).length;
    };
    let best = invented(turn, count, block, 'unread');
    let least = hits(best);
    for (let tried = 1; tried < tries && least > 0; tried += 1) {
      const other = invented(turn, count, block, 'unread');
      const caught = hits(other);
      if (caught < least) [best, least] = [other, caught];
    }
    const rows = [...honestRows, ...best];
    return [commit(turn, block, rows, { manifest: digestOf(rows) })];
  };
}

/** Stands for the digest of a manifest: it follows from the rows. */
function digestOf(rows: readonly DataRecord[]): string {
  return sha256Hex(rows.map(({ id, text }) => `${id} ${text ?? ''}`).join('\n'));
}
