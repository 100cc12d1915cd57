import type { Redis } from 'ioredis';
import { canonicalJson } from '../../core/canonical-json.ts';
import type { Signer } from '../../core/chain.ts';
import { sha256Hex } from '../../core/hash/sha256.ts';
import { keyspace } from '../../redis/keys.ts';
import { loadScript } from '../../redis/scripts.ts';
import { hashLine, verifiedEntries, writeLine } from './entry.ts';
import type { VerdictEntry, VerdictNote } from './entry.ts';

/**
 * A validator's own record of what it found out: with the chain and the shards all that its index is rebuilt from. Lines of JSON, each signed
 * and with the hash of the one before. It lies in the Redis of role `state`, as a stream, because that syncs every write, appends in order under one
 * condition, and is not lost with the index.
 */
export interface VerdictLog {
  /** Appends a note. A note that is there already is not written again, so that a step that is repeated changes nothing. */
  append(note: VerdictNote): Promise<void>;
  /** All lines as they were written, oldest first. */
  lines(): AsyncGenerator<string>;
  /** All entries, checked. @throws VerdictLogBroken */
  entries(): AsyncGenerator<VerdictEntry>;
  length(): Promise<number>;
}

const appendVerdict = loadScript(new URL('../commands/append-verdict.lua', import.meta.url));

const LINES_AT_ONCE = 200;

export function createVerdictLog(options: { redis: Redis; signer: Signer; netuid: number }): VerdictLog {
  const { redis, signer, netuid } = options;
  const key = keyspace(signer.address);
  const [stream, head, notes] = ['lines', 'head', 'notes'].map((part) => key('verdicts', netuid, part)) as [
    string,
    string,
    string,
  ];

  async function* lines(): AsyncGenerator<string> {
    for (let from = '-'; ;) {
      const found = await redis.xrange(stream, from, '+', 'COUNT', LINES_AT_ONCE);
      for (const [id, [, line]] of found) {
        yield String(line);
        from = `(${id}`;
      }
      if (found.length < LINES_AT_ONCE) return;
    }
  }

  return {
    async append(note) {
      const digest = sha256Hex(canonicalJson(note));
      for (;;) {
        const [last, hash] = await redis.hmget(head, 'seq', 'hash');
        const seq = last == null ? 0 : Number(last) + 1;
        const place = { version: 1 as const, netuid, validator: signer.address, seq, previous: hash ?? null };
        const line = await writeLine({ ...place, note }, signer);
        const args = [seq, hash ?? '', line, hashLine(line), digest];
        if ((await appendVerdict(redis, [stream, head, notes], args)) !== 'moved') return;
      }
    },
    lines,
    entries: () => verifiedEntries(lines(), { netuid, validator: signer.address }),
    length: () => redis.xlen(stream),
  };
}
