import { address, boolean, integer, list, namedUrl, optional, secret, text, url } from './parsers.ts';
import { setting } from './setting.ts';
import type { Setting } from './setting.ts';

/** Public endpoints of the networks that carry Bittensor subnets, by the names that its own tools use. */
const NETWORKS = {
  finney: 'wss://entrypoint-finney.opentensor.ai:443',
  test: 'wss://test.finney.opentensor.ai:443',
  archive: 'wss://archive.chain.opentensor.ai:443',
  local: 'ws://127.0.0.1:9944',
};

/** Rows of the settings table: servers that Seine works with, and how it finds them. */
export const CONNECTIONS = {
  'temporal.address': setting('TEMPORAL_ADDRESS', '127.0.0.1:7233', address(), 'Temporal server'),
  'temporal.namespace': setting('TEMPORAL_NAMESPACE', 'default', text(/^\S+$/, 'one word'), 'Temporal namespace'),
  'temporal.tls': setting('TEMPORAL_TLS', false, boolean(), 'connect to Temporal by TLS'),
  'temporal.api_key': setting('TEMPORAL_API_KEY', null, secret(), 'key of Temporal Cloud', { secret: true }),

  'redis.url': setting(
    'REDIS_URL',
    'redis://127.0.0.1:6379',
    url('redis:', 'rediss:'),
    'Redis, where one server has both roles',
  ),
  'redis.index_url': setting(
    'REDIS_INDEX_URL',
    'redis://127.0.0.1:6379',
    url('redis:', 'rediss:'),
    'Redis of what can be rebuilt',
    {
      follows: 'redis.url',
    },
  ),
  'redis.state_url': setting(
    'REDIS_STATE_URL',
    'redis://127.0.0.1:6380',
    url('redis:', 'rediss:'),
    'Redis of what must not be lost',
    {
      follows: 'redis.url',
    },
  ),

  'subtensor.endpoint': setting(
    'SUBTENSOR_ENDPOINT',
    'local',
    list(namedUrl(NETWORKS, 'ws:', 'wss:')),
    `the chain: a URL, or ${Object.keys(NETWORKS).join(', ')}; commas between several, each taken when those before it are away`,
  ),

  'subtensor.archive': setting(
    'SUBTENSOR_ARCHIVE',
    null,
    optional(namedUrl(NETWORKS, 'ws:', 'wss:')),
    'node that keeps the state of all blocks, asked where the chain has dropped an old one: a URL, or archive',
  ),
  'subtensor.patience_ms': setting(
    'SEINE_SUBTENSOR_PATIENCE_MS',
    10_000,
    integer({ min: 100, max: 600_000 }),
    'how long a command waits for the chain to answer',
  ),
} as const satisfies Readonly<Record<string, Setting<unknown>>>;
