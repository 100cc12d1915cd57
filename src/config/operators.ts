import { integer, list, optional, text, url } from './parsers.ts';
import { setting } from './setting.ts';
import type { Setting } from './setting.ts';

/** Rows of the settings table: where miners and validators are reached, and how a miner scrapes. */
export const OPERATORS = {
  'miner.listen_host': setting(
    'SEINE_MINER_LISTEN_HOST',
    '0.0.0.0',
    text(/^\S+$/, 'an address'),
    'address that shards are served on',
  ),
  'miner.port': setting(
    'SEINE_MINER_PORT',
    0,
    integer({ min: 0, max: 65_535 }),
    'port that shards are served on; 0 takes a free one',
  ),
  'miner.public_ip': setting(
    'SEINE_MINER_PUBLIC_IP',
    null,
    optional(text(/^[0-9a-fA-F.:]+$/, 'an IP address')),
    'address put on chain',
  ),
  'miner.schedule_seconds': setting(
    'SEINE_MINER_SCHEDULE_SECONDS',
    300,
    integer({ min: 1, max: 604_800 }),
    'time between scrapes',
  ),
  'miner.schedule_runs': setting(
    'SEINE_MINER_SCHEDULE_RUNS',
    null,
    optional(integer({ min: 1, max: 1_000_000 })),
    'scrapes of each job until its schedule ends; not set: no end',
  ),
  'miner.seeds': setting(
    'SEINE_MINER_SEEDS',
    '',
    list(url('http:', 'https:')),
    "pages to start from besides the jobs' own; commas between them",
  ),
  'miner.batch_pages': setting(
    'SEINE_MINER_BATCH_PAGES',
    25,
    integer({ min: 1, max: 1000 }),
    'pages of one workflow step',
  ),
  'miner.parallel_batches': setting(
    'SEINE_MINER_PARALLEL_BATCHES',
    1,
    integer({ min: 1, max: 8 }),
    'steps of one job that are under way at once; worth more than one where a job has many hosts',
  ),
  'miner.locator': setting(
    'SEINE_MINER_LOCATOR',
    '',
    text(/^[\x21-\x7e]{0,40}$/, 'at most 40 printable ASCII characters'),
    'where objects lie: s3:bucket/prefix, hf:owner/dataset or https:host/path; empty: this miner serves them',
  ),

  'validator.listen_host': setting(
    'SEINE_VALIDATOR_LISTEN_HOST',
    '0.0.0.0',
    text(/^\S+$/, 'an address'),
    'address that accepted shards are served to other validators on',
  ),
  'validator.port': setting(
    'SEINE_VALIDATOR_PORT',
    0,
    integer({ min: 0, max: 65_535 }),
    'port that accepted shards are served to other validators on; 0 takes a free one',
  ),
  'validator.public_ip': setting(
    'SEINE_VALIDATOR_PUBLIC_IP',
    null,
    optional(text(/^[0-9a-fA-F.:]+$/, 'an IP address')),
    'address put on chain; not set: accepted shards are not served',
  ),
} as const satisfies Readonly<Record<string, Setting<unknown>>>;
