import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openDevelopmentKey } from '../../src/commit/keys/wallet.ts';
import type { ManifestCommit } from '../../src/commit/judged-commits.ts';
import type { DataRecord } from '../../src/core/record.ts';
import { createFileStore } from '../../src/datasets/storage.ts';
import { startObjectServer } from '../../src/net/object-server.ts';
import { writeCommit } from './write-epoch.ts';

/** A miner with commitments, whose objects its server gives to anybody. */
export interface BenchMiner {
  hotkey: string;
  port: number;
  commits: ManifestCommit[];
  /** How fast objects go out from now on, in bytes a second; null: as fast as they are taken. */
  setRate(bytesPerSecond: number | null): void;
  close(): Promise<void>;
}

const EVERY_MS = 50;

/** @param place of the first of `commits` commitments, each of `count` of the rows, in a block of its own */
export async function startMiner(
  dir: string,
  { rows, count, commits: wanted }: { rows: Iterator<DataRecord>; count: number; commits: number },
  place: { uid: number; block: number },
): Promise<BenchMiner> {
  const { uid, block } = place;
  const { address: hotkey } = await openDevelopmentKey({ uri: `//Seine//bench-miner-${uid}`, development: true });
  const store = createFileStore(join(dir, `miner-${uid}`));
  const commits: ManifestCommit[] = [];
  for (let at = 0; at < wanted; at++) {
    const source = { rows, count, draft: join(dir, 'draft.parquet') };
    commits.push(await writeCommit(store, source, { hotkey, uid, block: block + at }));
  }
  let rate: number | null = null;
  const server = await startObjectServer({
    ...{ host: '127.0.0.1', port: 0, hotkey, log: () => undefined },
    seen: { firstUse: () => Promise.resolve(true) },
    mayServe: () => Promise.resolve({ allowed: true }),
    open: async (digest) => {
      if (!(await store.has(digest))) return null;
      const bytes = await store.get(digest);
      return { stream: paced(bytes, () => rate), sizeBytes: bytes.length };
    },
  });
  return {
    hotkey,
    port: server.port,
    commits,
    setRate: (bytesPerSecond) => (rate = bytesPerSecond),
    close: server.close,
  };
}

async function* paced(bytes: Uint8Array, rate: () => number | null): AsyncGenerator<Uint8Array> {
  const startedAt = performance.now();
  let sent = 0;
  while (sent < bytes.length) {
    const limit = rate();
    const due = limit === null ? bytes.length : Math.floor(((performance.now() - startedAt + EVERY_MS) / 1000) * limit);
    if (due > sent) yield bytes.subarray(sent, due);
    sent = Math.max(sent, due);
    if (sent < bytes.length) await sleep(EVERY_MS);
  }
}
