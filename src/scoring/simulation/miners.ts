import { firstBlockOf } from './clock.ts';
import { createRandom } from './random.ts';
import type { Scenario } from './scenario.ts';
import { honest } from './strategies/honest.ts';
import type { Commitment, Key, Strategy, Turn } from './strategy.ts';
import type { World } from './world.ts';

/** A miner of the simulation. */
export interface Player {
  name: string;
  strategy: Strategy;
  keys: number;
  /** Rows of its work in an epoch. */
  rows: (epoch: number) => number;
}

/** A player at work. */
export interface Miner {
  player: Player;
  registered: Key[];
  everRegistered: number;
  memory: Turn['memory'];
  /** Since the last costs were noted. */
  spent: { fetched: number; committed: number; registered: number };
  costs: number[];
  /** Pages of the current epoch that were scraped. */
  crawled: number;
}

export function createMiner(player: Player): Miner {
  const registered = Array.from({ length: player.keys }, (_, index) => ({
    ...{ hotkey: `${player.name}-${index}`, registered: 0 },
  }));
  return {
    ...{ player, registered, everRegistered: player.keys },
    ...{ memory: new Map(), spent: { fetched: 0, committed: 0, registered: player.keys }, costs: [], crawled: 0 },
  };
}

/** The validator that has, and leaks, what is kept from the others. */
const LEAK = 0;

/** What all miners commit in an epoch. Honest ones move first: whoever attacks knows what they do. */
export function commitmentsOf(miners: readonly Miner[], world: World, seed: string, epoch: number): Commitment[] {
  const cutOff = new Set<Commitment>();
  const move = (miner: Miner, others: readonly Commitment[]): Commitment[] => {
    miner.crawled = 0;
    const made = miner.player.strategy(
      turnOf(miner, {
        world,
        epoch,
        random: createRandom(`${seed}.${miner.player.name}.${epoch}`),
        others,
        cutOff: (item) => void cutOff.add(item),
      }),
    );
    miner.spent.committed += made.reduce((sum, { rows }) => sum + rows.length, 0);
    return made;
  };
  const byHonest = miners.filter(({ player }) => player.strategy === honest).flatMap((miner) => move(miner, []));
  const byOthers = miners.filter(({ player }) => player.strategy !== honest).flatMap((miner) => move(miner, byHonest));
  return [...byHonest.map((item) => (cutOff.has(item) ? { ...item, servedTo: [LEAK] } : item)), ...byOthers].filter(
    ({ block }) => block < firstBlockOf(epoch + 1),
  );
}

function turnOf(miner: Miner, given: Pick<Turn, 'world' | 'epoch' | 'random' | 'others' | 'cutOff'>): Turn {
  const { epoch, world } = given;
  const path = (number: number): string => `/${miner.player.name}/${epoch}/${number + 1}`;
  return {
    ...given,
    firstBlock: firstBlockOf(epoch),
    rows: miner.player.rows(epoch),
    keys: miner.registered,
    scrape(count, block) {
      miner.spent.fetched += count;
      return Array.from({ length: count }, () => world.scrape(path(miner.crawled++), block));
    },
    names: (count) => Array.from({ length: count }, (_, index) => path(miner.crawled + index)),
    registerAgain() {
      const key = { hotkey: `${miner.player.name}-${miner.everRegistered}`, registered: firstBlockOf(epoch) };
      miner.everRegistered += 1;
      miner.spent.registered += 1;
      miner.registered = [key];
      return key;
    },
    memory: miner.memory,
  };
}

/** What a miner spent since it was asked last. */
export function costOfEpoch(miner: Miner, { costs }: Scenario): number {
  const { fetched, committed, registered } = miner.spent;
  miner.spent = { fetched: 0, committed: 0, registered: 0 };
  return fetched * costs.fetch + committed * costs.commit + registered * costs.key;
}
