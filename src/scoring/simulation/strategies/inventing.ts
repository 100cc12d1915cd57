import type { DataRecord } from '../../../core/record.ts';
import { commit } from '../strategy.ts';
import type { Strategy, Turn } from '../strategy.ts';
import { firstBlockOf, timeOf } from '../clock.ts';
import { BOOSTED_HOST, FARM_DOMAIN, HOST, OPEN_FARM_HOSTS, row, SHELTER_HOST, words } from '../world.ts';
import { honest, someBlock } from './honest.ts';

/** Ways to make rows up: at addresses where nothing is, at pages never read, or at sites that don't answer or pay more. */
export type Invention = 'missing' | 'unread' | 'sheltered' | 'boosted' | 'farmed' | 'open' | 'empty';

/** Scrapes honestly, and invents a share of the rows instead; above one, more rows than an honest miner has. */
export function invent(sharePpm: number, way: Invention): Strategy {
  return (turn) => {
    const block = someBlock(turn);
    const count = Math.round((turn.rows * sharePpm) / 1_000_000);
    return [
      commit(turn, block, [
        ...turn.scrape(Math.max(turn.rows - count, 0), block),
        ...invented(turn, count, block, way),
      ]),
    ];
  };
}

/** Rows that cost no fetch. */
export function invented(turn: Turn, count: number, block: number, way: Invention): DataRecord[] {
  return turn.names(count).map((path, index) => {
    const text = words(turn.random.below, 14);
    if (way === 'unread') return row(`https://${HOST}${path}`, text, timeOf(turn.firstBlock), block);
    if (way === 'empty') return row(`https://${HOST}${path}`, null, timeOf(turn.firstBlock), block);
    if (way === 'sheltered') return row(`https://${SHELTER_HOST}${path}`, text, null, block);
    if (way === 'boosted') return row(`https://${BOOSTED_HOST}${path}`, text, null, block);
    if (way === 'open')
      return row(`https://${OPEN_FARM_HOSTS[index % OPEN_FARM_HOSTS.length] ?? ''}${path}`, text, null, block);
    if (way === 'farmed') return row(`https://s${index}.${FARM_DOMAIN}${path}`, text, null, block);
    return row(`https://${HOST}/gone${path}`, text, timeOf(turn.firstBlock), block);
  });
}

/** Honest for some epochs, then only inventions. */
export function turnBad(honestEpochs: number, way: Invention): Strategy {
  return (turn) => (turn.epoch < honestEpochs ? honest(turn) : invent(1_000_000, way)(turn));
}

/** Tiny honest commitments for some epochs, then many rows of which most are invented. */
export function farmCredibility(tinyRows: number, honestEpochs: number, sharePpm: number): Strategy {
  return (turn) =>
    turn.epoch < honestEpochs
      ? honest({ ...turn, rows: tinyRows })
      : invent(sharePpm, 'unread')({ ...turn, rows: turn.rows * 4 });
}

/** One epoch honest, one invented. */
export function alternate(way: Invention): Strategy {
  return (turn) => (turn.epoch % 2 === 0 ? honest(turn) : invent(1_000_000, way)(turn));
}

/** A new key each epoch, so that nothing found before counts; half of the rows invented. */
export function rotateKeys(sharePpm: number): Strategy {
  return (turn) => {
    const key = turn.registerAgain();
    return invent(sharePpm, 'unread')(turn).map((commitment) => ({ ...commitment, ...key }));
  };
}

/** Many rows a commitment where they are invented, few where they are honest. */
export const mixSizes: Strategy = (turn) => {
  const block = someBlock(turn);
  const honestRows = turn.scrape(Math.ceil(turn.rows / 2), block);
  const tiny = honestRows.map((item, index) => commit(turn, block + (index % 30), [item]));
  return [...tiny, commit(turn, block, invented(turn, turn.rows - honestRows.length, block, 'unread'))];
};

/** Claims the pages that others are about to commit, in the first block, without having read them. */
export const squat: Strategy = (turn) => {
  const { firstBlock } = turn;
  const urls = turn.others.flatMap((other) => other.rows.map(({ url }) => url)).slice(0, turn.rows);
  const text = (): string => words(turn.random.below, 14);
  return [
    commit(
      turn,
      firstBlock,
      urls.map((url) => row(url, text(), timeOf(firstBlock), firstBlock)),
    ),
  ];
};

/** Claims the pages that others will find in the next epoch, which do not exist yet. */
export const squatFuture: Strategy = (turn) => {
  const { firstBlock, epoch } = turn;
  const next = (url: string): string => url.replace(/\/\d+\/(?=\d+$)/u, `/${epoch + 1}/`);
  const urls = turn.others.flatMap((other) => other.rows.map(({ url }) => next(url))).slice(0, turn.rows);
  const text = (): string => words(turn.random.below, 14);
  return [
    commit(
      turn,
      firstBlock,
      urls.map((url) => row(url, text(), timeOf(firstBlockOf(epoch)), firstBlock)),
    ),
  ];
};

/** Ten times the rows that a hotkey may commit. */
export function flood(rows: number): Strategy {
  return (turn) => [commit(turn, turn.firstBlock, invented(turn, rows, turn.firstBlock, 'unread'))];
}
