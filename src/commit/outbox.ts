import type { Redis } from 'ioredis';
import { SeineError } from '../core/errors.ts';
import type { Digest } from '../core/manifest.ts';
import { keyspace } from '../redis/keys.ts';
import { loadScript } from '../redis/scripts.ts';
import type { AnchoredManifest } from './standing-commits.ts';

/** A sealed manifest that waits for its commitment. */
export interface SealedManifest {
  digest: Digest;
  seq: number;
  rows: number;
  /** Every object that the manifest makes servable, itself included. */
  objects: Digest[];
}

/** Where a manifest was committed. */
export interface CommittedManifest extends AnchoredManifest {
  seq: number;
  rows: number;
  /** Digest of the stored proof of the commitment (see src/commit/proof/); null until there is one. */
  proof: Digest | null;
}

/** A seal that was begun. */
export interface Seal {
  job: string;
  batches: string[];
  /** Seals that were finished before it: no two have the same. */
  number: number;
}

/**
 * A miner's way from scraped batches to committed manifests, durable in the `state` Redis. Each step is one transaction, so that
 * a crash leaves a batch either waiting or sealed, and a manifest either waiting or committed.
 */
export interface Outbox {
  /** The newest sealed manifest, committed or not. */
  head(): Promise<SealedManifest | null>;
  /**
   * Fixes which batches of a job the next manifest is made of; a seal that was cut off gets the same ones again. Manifests follow one
   * another, so that while one job seals, another gets `SealBusy` (try again). Null where no batch waits.
   * @param waiting reads the job's batches; asked again where a seal was finished meanwhile, which may have been of the same ones
   */
  begin(job: string, waiting: () => Promise<readonly string[]>): Promise<Seal | null>;
  /**
   * The seal is done: the manifest joins the queue (null: all its rows were duplicates). False, and nothing is changed, where another try
   * at the same seal has finished it, or the manifest does not follow the newest.
   */
  finish(seal: Seal, sealed: SealedManifest | null, counts: { rows: number; duplicates: number }): Promise<boolean>;
  /** The sealed manifests that wait for their commitment, in the order in which they must be committed. */
  waiting(): Promise<SealedManifest[]>;
  /** The commitment of the queue's oldest manifests is final: their objects may be served. */
  release(anchored: readonly AnchoredManifest[]): Promise<void>;
  /** Names the stored proof of the commitment that a manifest is the anchor of. */
  keepProof(anchor: Digest, proof: Digest): Promise<void>;
  /** Block that made an object servable; null while it is private or unknown. */
  releasedAt(object: Digest): Promise<number | null>;
  /** What was committed, in order. */
  commits(): Promise<CommittedManifest[]>;
  counts(): Promise<{ rows: number; duplicates: number }>;
}

const beginSeal = loadScript(new URL('./commands/begin-seal.lua', import.meta.url));
const finishSeal = loadScript(new URL('./commands/finish-seal.lua', import.meta.url));

export function createOutbox({ redis, hotkey }: { redis: Redis; hotkey: string }): Outbox {
  const key = keyspace(hotkey);
  const keys = {
    head: key('outbox', 'head'),
    sealing: key('outbox', 'sealing'),
    queue: key('outbox', 'queue'),
    commits: key('outbox', 'commits'),
    objects: key('outbox', 'objects'),
    proofs: key('outbox', 'proofs'),
    counts: key('outbox', 'counts'),
  };
  const readHead = async (name: string): Promise<SealedManifest | null> => parse<SealedManifest>(await redis.get(name));
  const waiting = async (): Promise<SealedManifest[]> => parseAll(await redis.lrange(keys.queue, 0, -1));

  return {
    head: () => readHead(keys.head),
    waiting,

    async begin(job, waitingBatches) {
      for (;;) {
        const number = Number((await redis.hget(keys.counts, 'seals')) ?? 0);
        const batches = await waitingBatches();
        const wanted = batches.length === 0 ? '' : JSON.stringify({ job, batches, number });
        const stands = String(await beginSeal(redis, [keys.sealing, keys.counts], [wanted, number]));
        if (stands === 'moved') continue;
        const seal = stands === '' ? null : (JSON.parse(stands) as Seal);
        if (seal === null || seal.job === job) return seal;
        throw new SeineError('SealBusy', `job ${seal.job} is being sealed`, { remedy: 'retry', details: { job } });
      }
    },

    async finish(seal, sealed, { rows, duplicates }) {
      const manifest = sealed === null ? '' : JSON.stringify(sealed);
      const args = [JSON.stringify(seal), manifest, sealed?.seq ?? 0, rows, duplicates];
      return (await finishSeal(redis, [keys.sealing, keys.head, keys.queue, keys.counts], args)) === 1;
    },

    async release(anchored) {
      const queue = await redis.lrange(keys.queue, 0, -1);
      const done = redis.multi();
      // Written so that doing it again, or twice at once, changes nothing.
      for (const [place, at] of anchored.entries()) {
        const text = queue[place];
        const sealed = parse<SealedManifest>(text ?? null);
        if (text === undefined || sealed?.digest !== at.digest) return; // an earlier try got this far
        const { seq, rows, objects } = sealed;
        done.lrem(keys.queue, 1, text).zadd(keys.commits, String(seq), JSON.stringify({ ...at, seq, rows }));
        for (const object of objects) done.hsetnx(keys.objects, object, String(at.block));
      }
      await done.exec();
    },

    async keepProof(anchor, proof) {
      await redis.hset(keys.proofs, anchor, proof);
    },

    async releasedAt(object) {
      const block = await redis.hget(keys.objects, object);
      return block === null ? null : Number(block);
    },

    async commits() {
      const commits = parseAll<Omit<CommittedManifest, 'proof'>>(await redis.zrange(keys.commits, '0', '-1'));
      const proofs = await redis.hgetall(keys.proofs);
      return commits.map((commit) => ({ ...commit, proof: proofs[commit.anchor] ?? null }));
    },

    async counts() {
      const { rows, duplicates } = await redis.hgetall(keys.counts);
      return { rows: Number(rows ?? 0), duplicates: Number(duplicates ?? 0) };
    },
  };
}

function parse<T>(text: string | null): T | null {
  return text === null ? null : (JSON.parse(text) as T);
}

function parseAll<T>(texts: readonly string[]): T[] {
  return texts.map((text) => JSON.parse(text) as T);
}
