import { parseServeFile } from '../../inference/serving/parse-serve-file.ts';
import { joinTasks } from '../../inference/serving/join-tasks.ts';
import { createAllowances } from '../../inference/server/allowances.ts';
import { createRedisTakings } from '../../inference/server/redis-takings.ts';
import { periodOf } from '../../inference/server/served-task.ts';
import { connectRedis } from '../../redis/connect.ts';
import type { Session } from '../session.ts';
import { readTasks, readText, spanOf } from '../task-list.ts';
import { UsageError } from '../usage-error.ts';
import { hotkeyOf } from '../wallet.ts';
import { withChain } from '../with-chain.ts';
import { validatorShares } from './serve-inference.ts';

/** Shows what this hotkey serves by its files, and what its server has counted of this period; it need not run. */
export async function showServing(session: Session): Promise<void> {
  const { out, settings, env } = session;
  const serveFile = settings.values['miner.serve_file'];
  if (serveFile === null) throw new UsageError('miner.serve_file is not set: this miner serves no inference');
  const { joined, problems } = joinTasks(
    parseServeFile(await readText(serveFile), serveFile, { env }),
    await readTasks(settings),
  );
  const { address: hotkey } = await hotkeyOf(settings);
  const redis = await connectRedis(settings.values['redis.state_url']);
  try {
    const tasks = await withChain(session, async (chain) => {
      const shares = validatorShares(settings, chain);
      const allowances = createAllowances(shares.owed, Date.now, createRedisTakings({ redis, hotkey }));
      return await Promise.all(
        joined.map(async (served) => {
          const period = periodOf(served.task, Date.now());
          const had = await allowances.volumes(served, period);
          const owed = await shares.all(served);
          const callers = [...new Set([...owed.keys(), ...had.keys()])].map((caller) => ({
            caller,
            owed: owed.get(caller) ?? 0,
            taken: had.get(caller)?.taken ?? 0,
            beyond: had.get(caller)?.beyond ?? 0,
          }));
          const { name, unit, period_ms: periodMs } = served.task;
          return { task: name, unit, period_ms: periodMs, period, volume: served.volume, callers };
        }),
      );
    });
    for (const { task, unit, volume, period_ms: periodMs, callers } of tasks) {
      out.table({
        title: `${task}: ${volume} ${unit} in ${spanOf(periodMs)}`,
        columns: ['validator', 'owed', 'taken', 'asked beyond'],
        rows: callers.map(({ caller, owed, taken, beyond }) => [caller, owed, taken, beyond]),
      });
    }
    if (tasks.length === 0) out.line('nothing is served');
    for (const { place, why } of problems) out.line(`not served: ${place}: ${why}`, 'bad');
    out.json({ tasks, problems });
  } finally {
    redis.disconnect();
  }
}
