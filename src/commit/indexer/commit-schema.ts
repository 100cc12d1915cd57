import type { createClient } from 'redis';
import { Schema } from 'redis-om';
import type { Entity } from 'redis-om';
import type { IndexedCommit } from './indexed-commit.ts';

export type RedisClient = ReturnType<typeof createClient>;

/** A commitment as it is stored, with its place in the order (see placeOf). */
export type CommitDocument = IndexedCommit & Entity & { place: number };

/** What can be searched for; the rest is kept unindexed. `name` is the prefix of the documents' keys. */
export function commitSchema(name: string): Schema<CommitDocument> {
  const text = { type: 'string', caseSensitive: true } as const;
  const unindexed = { type: 'string', indexed: false } as const;
  const number = { type: 'number', indexed: false } as const;
  return new Schema<CommitDocument>(
    name,
    {
      place: { type: 'number', sortable: true },
      hotkey: text,
      time: { type: 'number' },
      block: { type: 'number' },
      kind: text,
      digest: text,
      carries: { type: 'string[]', caseSensitive: true },
      sources: { type: 'string[]', caseSensitive: true },
      netuid: number,
      registered: number,
      uid: number,
      event: number,
      anchoredAt: number,
      seq: number,
      rows: number,
      round: number,
      blockHash: unindexed,
      locator: unindexed,
      data: unindexed,
      revealed: unindexed,
    },
    { dataStructure: 'JSON' },
  );
}

/** The commitment of a document; null where there was none, which redis-om answers with an empty object. */
export function commitOf(found: Entity): IndexedCommit | null {
  if (found['hotkey'] === undefined) return null;
  // Leaves out the place, and what redis-om adds under symbols.
  return Object.fromEntries(Object.entries(found).filter(([name]) => name !== 'place')) as unknown as IndexedCommit;
}

const PAUSE_MS = 50;
const LONGEST_WAIT_MS = 60_000;

/** Waits until documents that were there before the index are in it: until then searches leave some out without a word. */
export async function waitForIndexing(redis: RedisClient, name: string): Promise<void> {
  const until = Date.now() + LONGEST_WAIT_MS;
  while (Date.now() < until) {
    // By name: the client's own reading of the reply goes by positions that newer RediSearch has shifted.
    const reply = await redis.sendCommand<unknown[]>(['FT.INFO', `${name}:index`]);
    if (Number(reply[reply.indexOf('percent_indexed') + 1]) >= 1) return;
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}
