import { connectRedis } from '../../redis/connect.ts';
import type { DeadLetters } from '../../scrapers/frontier/dead-letters.ts';
import { createFrontier } from '../../scrapers/frontier/frontier.ts';
import type { Session } from '../session.ts';
import { hotkeyAddressOf } from '../wallet.ts';

/** Opens the frontier of one of the hotkey's jobs. */
export async function withDeadLetters<T>(
  { settings, context }: Session,
  job: string,
  work: (letters: DeadLetters) => Promise<T>,
): Promise<T> {
  const hotkey = await hotkeyAddressOf(settings, context.terminal);
  const redis = await connectRedis(settings.values['redis.state_url']);
  try {
    return await work(createFrontier({ redis, hotkey, crawl: job }));
  } finally {
    redis.disconnect();
  }
}
