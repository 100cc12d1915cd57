import { integer, secret, text } from './parsers.ts';
import { setting } from './setting.ts';
import type { Setting } from './setting.ts';

/** Rows of the settings table: what an operator is told of its machines. */
export const MONITORING = {
  'alerts.webhook_url': setting(
    'SEINE_ALERTS_WEBHOOK_URL',
    null,
    secret(),
    'where findings are posted as JSON {"text": …} when they appear and when they pass',
    { secret: true },
  ),
  'alerts.every_minutes': setting(
    'SEINE_ALERTS_EVERY_MINUTES',
    5,
    integer({ min: 1, max: 1440 }),
    'time between checks of registration, axon, commitments, weights, disk and Redis; their findings are logged in any case',
  ),
  'alerts.disk_free_gb': setting(
    'SEINE_ALERTS_DISK_FREE_GB',
    10,
    integer({ min: 0, max: 1_000_000 }),
    'GB that should be free where objects are kept',
  ),

  'metrics.port': setting(
    'SEINE_METRICS_PORT',
    0,
    integer({ min: 0, max: 65_535 }),
    'port on which Prometheus reads what a miner crawls and seals; 0: none',
  ),
  'metrics.temporal_port': setting(
    'SEINE_METRICS_TEMPORAL_PORT',
    0,
    integer({ min: 0, max: 65_535 }),
    "port on which Prometheus reads how the Temporal SDK's workers fare; 0: none",
  ),
  'metrics.host': setting('SEINE_METRICS_HOST', '127.0.0.1', text(/^\S+$/, 'an address'), 'address of these ports'),
} as const satisfies Readonly<Record<string, Setting<unknown>>>;
