/** How fast rows become Parquet, in turns with pyarrow from the same rows as dicts: node --import tsx test/bench/parquet.bench.ts [--rows n] */
import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DataRecord } from '../../src/core/record.ts';
import { writeParquet } from '../../src/datasets/parquet-writer.ts';
import { RECORD_COLUMNS } from '../../src/datasets/schema.ts';
import { writeShard } from '../../src/datasets/shard-writer.ts';
import { ONE_CORE, runBench } from './bench-args.ts';
import { inTurns, timed } from './in-turns.ts';
import { startPythonPeer } from './python-peer.ts';
import { writeWithParquetjs } from '../support/parquetjs.ts';
import { benchRecords, ndjson } from './rows.ts';

await runBench(200_000, async (count, dir) => {
  const text = ndjson(benchRecords(count));
  // Both sides take rows that came out of JSON.
  const rows = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as DataRecord);
  const rowsFile = join(dir, 'rows.ndjson');
  const shard = join(dir, 'shard.parquet');
  writeFileSync(rowsFile, text);
  await writeShard(rows, shard);
  const peer = startPythonPeer('write_rows', [shard, rowsFile, join(dir, 'peer.parquet')]);
  try {
    const seconds = await inTurns({
      ours: timed(() => writeParquet(join(dir, 'ours.parquet'), RECORD_COLUMNS, rows)),
      pyarrow: async () => (await peer.round()).seconds,
    });
    const perSecond = (took: number): number => count / took;
    const cores = ONE_CORE ? 'one core' : 'two cores';
    const unit = 'rows/s';
    const ours = perSecond(seconds.ours);
    const bytes = { ours: statSync(join(dir, 'ours.parquet')).size, peer: statSync(join(dir, 'peer.parquet')).size };
    const line = { name: `Parquet, ${cores}`, unit, ours, peerName: 'pyarrow from rows' };
    const lines = [{ ...line, peer: perSecond(seconds.pyarrow), target: ONE_CORE ? 0.85 : 1 }];
    if (ONE_CORE) return lines;
    const size = { name: 'size of the file', unit: 'bytes/row', ours: bytes.ours / count, target: null };
    const sizes = { ...size, peer: bytes.peer / count, peerName: 'pyarrow' };
    const few = rows.slice(0, Math.min(count, 20_000));
    const other = await inTurns(
      {
        ours: timed(() => writeParquet(join(dir, 'ours.parquet'), RECORD_COLUMNS, few)),
        parquetjs: timed(() => writeWithParquetjs(join(dir, 'js.parquet'), few)),
      },
      3,
    );
    const beside = { ...line, name: 'Parquet, a fifth of the rows', ours: few.length / other.ours };
    return [...lines, { ...beside, peer: few.length / other.parquetjs, peerName: 'parquetjs-lite', target: 1 }, sizes];
  } finally {
    peer.close();
  }
});
