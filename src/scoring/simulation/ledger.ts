import type { DataRecord } from '../../core/record.ts';
import type { Rules, Withdrawal } from './rules.ts';

/** Where a commitment stands in the chain, as one number: smaller is earlier. */
export type Place = number;

const EVENTS_A_BLOCK = 2 ** 20;

export function placeOf(block: number, event: number): Place {
  return block * EVENTS_A_BLOCK + event;
}

export function blockOf(place: Place): number {
  return Math.floor(place / EVENTS_A_BLOCK);
}

/** What a claim is to a row's keys. */
export interface Standing {
  owned: boolean;
  returnedFrom: { block: number; withdrawnAt: number }[];
}

/** Claims to keys and what was withdrawn of them; who owns what follows from the rules, whatever the order they came in. */
export interface Ledger {
  claim(row: DataRecord, place: Place): void;
  withdraw(row: DataRecord, place: Place, atUs: number): void;
  record(row: DataRecord, place: Place): Standing;
  /** Null where the text is too short to be anyone's. */
  text(row: DataRecord, place: Place): Standing | null;
  /** A ledger that was lost and is read back from its log, newest entries first. */
  rebuilt(): Ledger;
}

interface Known {
  claimants: { place: Place; version: string | null }[];
  withdrawn: Withdrawal[];
}

type Entry = { row: DataRecord; place: Place; withdrawnAtUs: number | null };

export function createLedger(rules: Rules, log: readonly Entry[] = []): Ledger {
  const entries: Entry[] = [];
  const [records, texts] = [new Map<string, Known>(), new Map<string, Known>()];
  const note = (entry: Entry): void => {
    const { row, place, withdrawnAtUs } = entry;
    entries.push(entry);
    const keys = rules.keysOf(row);
    for (const [table, key, version] of [
      [records, keys.record, keys.text],
      [texts, keys.text, null],
    ] as const) {
      if (key === null) continue;
      const known = table.get(key) ?? { claimants: [], withdrawn: [] };
      table.set(key, known);
      if (withdrawnAtUs !== null) known.withdrawn.push({ place, withdrawnAt: Math.floor(withdrawnAtUs / 1_000_000) });
      else if (known.claimants.every((item) => item.place !== place)) known.claimants.push({ place, version });
    }
  };
  const standing = (table: Map<string, Known>, key: string, place: Place): Standing => {
    const { claimants, withdrawn } = table.get(key) ?? { claimants: [], withdrawn: [] };
    const own = rules.ownersAmong(claimants, withdrawn, rules.renewable).find((owner) => owner.place === place);
    const returnedFrom = own?.returnedFrom.map((from) => ({
      block: blockOf(from.place),
      withdrawnAt: from.withdrawnAt,
    }));
    return { owned: own !== undefined, returnedFrom: returnedFrom ?? [] };
  };
  for (const entry of log) note(entry);
  return {
    claim: (row, place) => note({ row, place, withdrawnAtUs: null }),
    withdraw: (row, place, withdrawnAtUs) => note({ row, place, withdrawnAtUs }),
    record: (row, place) => standing(records, rules.keysOf(row).record, place),
    text(row, place) {
      const key = rules.keysOf(row).text;
      return key === null ? null : standing(texts, key, place);
    },
    rebuilt: () => createLedger(rules, entries.toReversed()),
  };
}
