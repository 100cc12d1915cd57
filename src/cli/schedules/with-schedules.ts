import type { CrawlControl } from '../../../temporal/job-schedules/crawl-control.ts';
import type { JobSchedules } from '../../../temporal/job-schedules/job-schedules.ts';
import type { Session } from '../session.ts';
import { temporalAccess } from '../temporal-access.ts';
import { hotkeyAddressOf } from '../wallet.ts';

export interface ScheduleTools {
  hotkey: string;
  schedules: JobSchedules;
  crawls: CrawlControl;
}

/** Does something with the schedules of the hotkey that the settings name. Its address is enough: nothing is signed. */
export async function withSchedules<T>(session: Session, work: (tools: ScheduleTools) => Promise<T>): Promise<T> {
  const { settings, context } = session;
  const { values } = settings;
  // Temporal's library takes a second to load, which other commands need not wait for.
  const [{ connectClient }, { createCrawlControl }, { createJobSchedules }, { ensureSearchAttributes }] =
    await Promise.all([
      import('../../../temporal/client.ts'),
      import('../../../temporal/job-schedules/crawl-control.ts'),
      import('../../../temporal/job-schedules/job-schedules.ts'),
      import('../../../temporal/search-attributes.ts'),
    ]);
  const hotkey = await hotkeyAddressOf(settings, context.terminal);
  const access = temporalAccess(settings);
  const client = await connectClient(access);
  try {
    await ensureSearchAttributes(client, access.namespace);
    const schedules = createJobSchedules(client, {
      ...{ hotkey, netuid: values.netuid },
      ...{ batchPages: values['miner.batch_pages'], parallel: values['miner.parallel_batches'] },
    });
    return await work({ hotkey, schedules, crawls: createCrawlControl(client, hotkey, schedules) });
  } finally {
    await client.connection.close();
  }
}
