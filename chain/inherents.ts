import type { Block } from '@acala-network/chopsticks-core';
import { compactStripLength, u8aToHex } from '@polkadot/util';
import type { HexString } from '@polkadot/util/types';
import { roundsBetween, type DevelopmentBeacon } from './beacon.ts';

/** What each block begins with: the wall clock's time, and the beacon's rounds whose time has come since the block before. */
export interface Inherents {
  /** The extrinsics that the block after this one begins with. */
  after(parent: Block): Promise<HexString[]>;
  /** Has blocks bring this round from now on, where their state lacks it, whether or not its time has come. */
  publish(round: number): void;
}

export function blockInherents(beacon: DevelopmentBeacon): Inherents {
  const published = new Set<number>();
  let newestMs = 0;

  const roundsToWrite = async (parent: Block, parentMs: number): Promise<number[]> => {
    const { query } = await parent.meta;
    const rounds = new Set(roundsBetween(beacon, parentMs, newestMs));
    for (const round of published) {
      const [, key] = compactStripLength(query['drand']!['pulses']!(round));
      if ((await parent.get(u8aToHex(key))) === undefined) rounds.add(round);
    }
    return [...rounds].sort((a, b) => a - b);
  };

  const after = async (parent: Block): Promise<HexString[]> => {
    const { registry, query, tx } = await parent.meta;
    const parentMs = (await parent.read('u64', query['timestamp']!['now']!))?.toNumber() ?? 0;
    // Later than the parent and than any block made before, so that blocks with the same parent differ.
    newestMs = Math.max(Date.now(), parentMs + 1, newestMs + 1);
    const calls = [tx['timestamp']!['set']!(newestMs)];
    const write = tx['drand']?.['writePulse'];
    // A chain that began before it had a beacon goes on without one.
    if (write !== undefined) {
      const rounds = await roundsToWrite(parent, parentMs);
      if (rounds.length > 0) calls.push(write(rounds.map((round) => beacon.pulse(round))));
    }
    return calls.map((call) => registry.createType('GenericExtrinsic', call).toHex());
  };

  return { after, publish: (round) => void published.add(round) };
}
