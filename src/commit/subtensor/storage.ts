import type { ApiPromise } from '@polkadot/api';
import type { DispatchError, EventRecord } from '@polkadot/types/interfaces';
import type { BlockRef } from '../../core/chain.ts';
import { ChainUnsupportedError } from '../chain-errors.ts';
import type { Connection } from './connection.ts';

type ApiAt = Awaited<ReturnType<ApiPromise['at']>>;

/** Storage at the end of one block, decoded by that block's own metadata. Values come in the library's JSON form. */
export interface View {
  readonly block: BlockRef;
  /** A storage value; a default or null where nothing is stored, as the metadata says. */
  get(pallet: string, item: string, ...keys: unknown[]): Promise<unknown>;
  /** Whether the runtime has this item. */
  has(pallet: string, item: string): boolean;
  /** Whether the runtime has this API method. */
  answers(name: string, method: string): boolean;
  /** A constant of a pallet; null where the runtime has none of this name. */
  constant(pallet: string, name: string): unknown;
  /** All values of a map under its first key, with the last key. */
  entries(pallet: string, item: string, key: unknown): Promise<[key: unknown, value: unknown][]>;
  /** A runtime API's answer. */
  call(name: string, method: string, ...args: unknown[]): Promise<unknown>;
  /** The block's events in order. */
  events(): Promise<ChainEvent[]>;
}

export interface ChainEvent {
  pallet: string;
  name: string;
  /** Fields in order. */
  data: unknown[];
  /** Index of the extrinsic that caused it; null for the block's own. */
  extrinsic: number | null;
  /** The module error of a failed extrinsic, `Pallet.Error` and what it means. */
  failure: { name: string; meaning: string } | null;
}

export async function viewAt({ api }: Pick<Connection, 'api'>, block: BlockRef): Promise<View> {
  const at = await api.at(block.hash);
  const entry = (pallet: string, item: string) => {
    const found = at.query[pallet]?.[item];
    if (found === undefined) throw new ChainUnsupportedError([`storage ${pallet}.${item}`]);
    return found;
  };
  return {
    block,
    has: (pallet, item) => at.query[pallet]?.[item] !== undefined,
    answers: (name, method) => at.call[name]?.[method] !== undefined,
    constant: (pallet, name) => at.consts[pallet]?.[name]?.toJSON() ?? null,
    get: async (pallet, item, ...keys) => (await entry(pallet, item)(...keys)).toJSON(),
    entries: async (pallet, item, key) =>
      (await entry(pallet, item).entries(key)).map(([{ args }, value]) => [args.at(-1)?.toJSON(), value.toJSON()]),
    call: async (name, method, ...args) => {
      const run = at.call[name]?.[method];
      if (run === undefined) throw new ChainUnsupportedError([`runtime API ${name}.${method}`]);
      return (await run(...args)).toJSON();
    },
    events: () => eventsAt(at),
  };
}

async function eventsAt(at: ApiAt): Promise<ChainEvent[]> {
  const events = await at.query['system']?.['events']?.();
  if (events === undefined) throw new ChainUnsupportedError(['storage system.events']);
  return [...(events as unknown as Iterable<EventRecord>)].map(({ event, phase }) => ({
    pallet: event.section,
    name: event.method,
    data: event.data.map((field) => field.toJSON()),
    extrinsic: phase.isApplyExtrinsic ? phase.asApplyExtrinsic.toNumber() : null,
    failure: event.section === 'system' && event.method === 'ExtrinsicFailed' ? failureOf(at, event.data[0]) : null,
  }));
}

function failureOf(at: ApiAt, field: unknown): { name: string; meaning: string } {
  const error = field as DispatchError;
  if (!error.isModule) return { name: error.type, meaning: error.toString() };
  const { section, name, docs } = at.registry.findMetaError(error.asModule);
  return { name: `${section}.${name}`, meaning: docs.join(' ').trim() };
}
