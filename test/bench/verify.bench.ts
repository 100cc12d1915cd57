/**
 * How many rows a core verifies in a second (digest, schema, format, order, row tree), in turns with a peer that reads with pyarrow and computes
 * the same leaves: taskset -c 0 node --import tsx test/bench/verify.bench.ts [--rows n]
 */
import { join } from 'node:path';
import { verifiedRows } from '../../src/datasets/verify-shard.ts';
import { writeShard } from '../../src/datasets/shard-writer.ts';
import { ONE_CORE, runBench } from './bench-args.ts';
import { inTurns, timed } from './in-turns.ts';
import { startPythonPeer } from './python-peer.ts';
import { benchRecords } from './rows.ts';

await runBench(100_000, async (count, dir) => {
  const shard = join(dir, 'shard.parquet');
  const entry = await writeShard(benchRecords(count), shard);
  const peer = startPythonPeer('verify_rows', [shard]);
  try {
    const seconds = await inTurns({
      ours: timed(async () => {
        let rows = 0;
        for await (const { leaf } of verifiedRows(shard, entry)) rows += leaf.length / 32;
        if (rows !== count) throw new Error(`${rows} rows verified, not ${count}`);
      }),
      peer: async () => {
        const found = await peer.round();
        if (found['root'] !== entry.rows_root) throw new Error('the peer computes another root');
        return found.seconds;
      },
    });
    const name = ONE_CORE ? 'verification, one core' : 'verification, two cores';
    const line = { name, unit: 'rows/s', ours: count / seconds.ours, peer: count / seconds.peer };
    return [{ ...line, peerName: 'pyarrow + hashlib', target: ONE_CORE ? 1.5 : null }];
  } finally {
    peer.close();
  }
});
