import { commit } from '../strategy.ts';
import type { Commitment, Strategy, Turn } from '../strategy.ts';

/** Commits what others committed, in the block after. */
export const copy: Strategy = (turn) => victims(turn).map((victim) => copyOf(turn, victim));

/** Keeps the victim's bytes from all validators, and commits a copy in the next block. */
export const copyAndCutOff: Strategy = (turn) =>
  victims(turn).map((victim) => {
    turn.cutOff(victim);
    return copyOf(turn, victim);
  });

/** Names the manifests of others in commitments of its own. */
export const replayDigest: Strategy = (turn) =>
  victims(turn).map((victim) => ({ ...copyOf(turn, victim), block: victim.block, manifestOf: victim.hotkey }));

/** Copies with an invisible character after every word, under addresses of its own that show the same page. */
export const disguise: Strategy = (turn) =>
  victims(turn).map((victim) => ({
    ...copyOf(turn, victim),
    rows: victim.rows.map((item) => {
      const url = item.url.replace(/\/(?=\d+$)/u, '/00');
      return { ...item, id: `web:${url}`, url, text: (item.text ?? '').replaceAll(' ', '\u200b ') };
    }),
  }));

/** Scrapes once, then commits the same rows for ever. */
export const repeatOwn: Strategy = (turn) => {
  const block = turn.firstBlock + 100;
  const rows = turn.memory.get('rows') ?? turn.scrape(turn.rows, block);
  turn.memory.set('rows', rows);
  return [commit(turn, block, rows)];
};

/** Scrapes once and commits the same rows by every key. */
export const sameByAllKeys: Strategy = (turn) => {
  const block = turn.firstBlock + 100;
  const rows = turn.scrape(turn.rows, block);
  return turn.keys.map((key, index) => commit(turn, block + index, rows, key));
};

function copyOf(turn: Turn, victim: Commitment): Commitment {
  return commit(turn, victim.block + 1, victim.rows);
}

/** As many of the others' commitments as hold the rows of one miner's epoch. */
function victims(turn: Turn): readonly Commitment[] {
  return turn.others.slice(0, 1);
}
