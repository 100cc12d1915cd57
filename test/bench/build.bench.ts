/**
 * Builds a dataset end to end, in a process of its own whose memory (its children's included) is watched:
 *   node --import tsx test/bench/build.bench.ts [--rows 1000000]
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { cloneRoot } from '../../stack/parts.ts';
import { runBench } from './bench-args.ts';
import { peakOf } from './tree-memory.ts';

await runBench(1_000_000, async (count, dir) => {
  const script = join(cloneRoot, 'test', 'bench', 'build-once.ts');
  const child = spawn(process.execPath, ['--import', 'tsx', script, `${count}`, dir], {
    cwd: cloneRoot,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const peak = peakOf(child);
  let result: { seconds: number; bytes: number } | undefined;
  for await (const line of createInterface({ input: child.stdout })) result = JSON.parse(line) as typeof result;
  const peakBytes = await peak;
  if (result === undefined) throw new Error('the build ended without a result; see above what it said');
  const rows = count.toLocaleString('en');
  const line = { peer: null, peerName: '', target: null };
  return [
    { ...line, name: `build of ${rows} rows`, unit: 'rows/s', ours: count / result.seconds },
    { ...line, name: `build of ${rows} rows, size`, unit: 'bytes/row', ours: result.bytes / count },
    {
      ...{ ...line, name: `build of ${rows} rows, peak RSS`, unit: 'MB', ours: peakBytes / 2 ** 20 },
      ...{ target: 1024, isLimit: true },
    },
  ];
});
