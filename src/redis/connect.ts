import { Redis } from 'ioredis';
import { SeineError } from '../core/errors.ts';

/**
 * A connection to one Redis role. Commands wait while the server is away and go out once it is back; a server that cannot be
 * reached within `connectTimeoutMs` at the start is an error that says so.
 */
export async function connectRedis(url: string, connectTimeoutMs = 5000): Promise<Redis> {
  const redis = new Redis(url, { lazyConnect: true, connectTimeout: connectTimeoutMs, maxRetriesPerRequest: null });
  // Without a listener every retry would be printed; what matters reaches the caller by the command's own failure.
  redis.on('error', () => undefined);
  try {
    await redis.connect();
  } catch (cause) {
    redis.disconnect();
    throw new SeineError(
      'RedisUnreachable',
      `no Redis answers at ${redactUrl(url)}; is it up? ("seine stack status")`,
      {
        remedy: 'retry',
        cause,
      },
    );
  }
  return redis;
}

/** The URL without user and password, for messages. */
export function redactUrl(url: string): string {
  if (!URL.canParse(url)) return '(not a URL)';
  const parsed = new URL(url);
  parsed.username = '';
  parsed.password = '';
  return parsed.toString();
}
