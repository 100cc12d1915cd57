import { PARAMETERS } from './parameters.ts';
import {
  address,
  boolean,
  integer,
  list,
  namedUrl,
  optional,
  path,
  secret,
  secretUrl,
  signerUrl,
  text,
  url,
} from './parsers.ts';
import { PPM, setting } from './setting.ts';
import type { Setting } from './setting.ts';

/** Public endpoints of the networks that carry Bittensor subnets, by the names that its own tools use. */
const NETWORKS = {
  finney: 'wss://entrypoint-finney.opentensor.ai:443',
  test: 'wss://test.finney.opentensor.ai:443',
  archive: 'wss://archive.chain.opentensor.ai:443',
  local: 'ws://127.0.0.1:9944',
};

/** Every setting: its dotted name in the file, its name in the environment, its default and what it means. */
export const SETTINGS = {
  home: setting('SEINE_HOME', '.seine', path(), 'folder of settings, objects and local parts', { envOnly: true }),
  'runs.dir': setting('SEINE_RUNS_DIR', 'runs', path(), 'folder that "seine start" writes its runs to'),
  netuid: setting('SEINE_NETUID', 1, integer({ min: 0, max: 65_535 }), 'subnet'),

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
  'wallet.path': setting('SEINE_WALLET_PATH', '~/.bittensor/wallets', path(), 'folder of Bittensor wallets'),
  'wallet.name': setting('SEINE_WALLET_NAME', 'default', text(/^[\w.-]+$/, 'a folder name'), 'wallet (its coldkey)'),
  'wallet.hotkey': setting('SEINE_WALLET_HOTKEY', 'default', text(/^[\w.-]+$/, 'a file name'), 'hotkey of the wallet'),
  'wallet.dev_seed': setting(
    'SEINE_WALLET_DEV_SEED',
    null,
    secret(),
    'seed such as //Alice in place of a wallet; development only',
    {
      secret: true,
    },
  ),

  'wallet.secret': setting(
    'SEINE_WALLET_SECRET',
    null,
    secret(),
    'mnemonic or seed of the hotkey, in place of a wallet folder',
    { secret: true },
  ),
  'wallet.password': setting('SEINE_WALLET_PASSWORD', null, secret(), 'password of encrypted keys', { secret: true }),
  'wallet.password_file': setting(
    'SEINE_WALLET_PASSWORD_FILE',
    null,
    optional(path()),
    'file whose first line is the password of encrypted keys',
  ),
  'wallet.signer_url': setting(
    'SEINE_WALLET_SIGNER_URL',
    null,
    optional(signerUrl()),
    'signer process that holds the hotkey ("seine wallet serve"), in place of a wallet folder',
  ),

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

  'browser.path': setting('CHROMIUM_PATH', null, optional(path()), 'Chromium to use; else the one that set-up brought'),
  'browser.pages': setting('SEINE_BROWSER_PAGES', 2, integer({ min: 1, max: 64 }), 'browser pages open at once'),
  'browser.max_memory_mb': setting(
    'SEINE_BROWSER_MAX_MEMORY_MB',
    1500,
    integer({ min: 300, max: 1_000_000 }),
    'MiB that the browser may hold; beyond, a new one takes over, and at twice that its largest process is ended',
  ),
  'wanted.file': setting('SEINE_WANTED_FILE', null, optional(path()), 'list of wanted jobs (JSON)'),
  'wanted.votes': setting(
    'SEINE_WANTED_VOTES',
    null,
    optional(path()),
    'folder of signed votes of validators on what the jobs weigh; read when a miner or validator starts',
  ),
  'wanted.owner_share_ppm': setting(
    'SEINE_WANTED_OWNER_SHARE_PPM',
    300_000,
    integer(PPM),
    "part of what jobs weigh that stays with the list's owner where validators vote",
  ),
  'fetch.user_agent': setting(
    'SEINE_USER_AGENT',
    'seine/0.1',
    text(/^[\x20-\x7e]+$/, 'printable ASCII'),
    'how the scraper names itself',
  ),
  'fetch.contact': setting(
    'SEINE_FETCH_CONTACT',
    null,
    optional(text(/^(https?:\/\/[^\s()<>]+|[^\s()<>@]+@[^\s()<>@]+)$/, 'a URL or a mail address')),
    'where sites find a person to write to; sent with the name',
  ),
  'fetch.proxy': setting(
    'SEINE_FETCH_PROXY',
    null,
    secretUrl('http:', 'https:'),
    'proxy of all fetches, http://[user:password@]host:port, which must allow CONNECT',
    { secret: true },
  ),
  'fetch.http2': setting('SEINE_FETCH_HTTP2', true, boolean(), 'whether HTTP/2 is offered to servers'),
  'fetch.crawl_delay_ms': setting(
    'SEINE_CRAWL_DELAY_MS',
    1000,
    integer({ min: 0, max: 600_000 }),
    'pause between requests to a host whose robots.txt names none',
  ),

  'sources.hackernews_url': setting(
    'SEINE_HACKERNEWS_URL',
    null,
    optional(url('http:', 'https:')),
    'where the API of Hacker News is asked; not set: the public one',
  ),
  'sources.hackernews_search_url': setting(
    'SEINE_HACKERNEWS_SEARCH_URL',
    null,
    optional(url('http:', 'https:')),
    'where Hacker News is searched; not set: the public search',
  ),

  'inference.tasks_file': setting(
    'SEINE_INFERENCE_TASKS_FILE',
    null,
    optional(path()),
    'tasks of the subnet (TOML or JSON), read again when it changes; not set: those that ship with Seine',
  ),
  'inference.least_stake_tao': setting(
    'SEINE_INFERENCE_LEAST_STAKE_TAO',
    0,
    integer({ min: 0, max: 1_000_000_000 }),
    'stake that a validator needs before a miner answers it, besides its permit',
  ),
  'miner.serve_file': setting(
    'SEINE_MINER_SERVE_FILE',
    null,
    optional(path()),
    'which tasks the miner serves, how much of each and by which backends (TOML or JSON), read again when it changes; not set: none',
  ),
  'miner.tls_cert_file': setting(
    'SEINE_MINER_TLS_CERT_FILE',
    null,
    optional(path()),
    'certificate (PEM) to serve by TLS; not set: HTTP',
  ),
  'miner.tls_key_file': setting('SEINE_MINER_TLS_KEY_FILE', null, optional(path()), 'key (PEM) of that certificate'),
  'validator.checkers_file': setting(
    'SEINE_VALIDATOR_CHECKERS_FILE',
    null,
    optional(path()),
    'backends and encoders that answers are checked by, task by task (TOML or JSON); not set: no miner is challenged',
  ),
  'validator.challenge_requests_per_minute': setting(
    'SEINE_VALIDATOR_CHALLENGE_REQUESTS_PER_MINUTE',
    6000,
    integer({ min: 1, max: 1_000_000 }),
    'requests that the validator sends to all miners together in a minute at most; each miner and task has an equal part',
  ),
  'validator.checks_per_minute': setting(
    'SEINE_VALIDATOR_CHECKS_PER_MINUTE',
    600,
    integer({ min: 1, max: 1_000_000 }),
    'answers that its checkers look at in a minute at most, drawn by the seed; the others count as answered, unchecked',
  ),
  'validator.prompt_datasets': setting(
    'SEINE_VALIDATOR_PROMPT_DATASETS',
    '',
    list(path()),
    'folders of published datasets whose words seed prompts; commas between them',
  ),
  'validator.prompt_model_url': setting(
    'SEINE_VALIDATOR_PROMPT_MODEL_URL',
    null,
    optional(url('http:', 'https:')),
    "OpenAI-compatible engine that says prompts in a person's words; not set: they are asked as they were composed",
  ),
  'validator.prompt_model': setting(
    'SEINE_VALIDATOR_PROMPT_MODEL',
    null,
    optional(text(/^\S+$/, 'one word')),
    'what that engine calls its model',
  ),
  'validator.prompt_image_url': setting(
    'SEINE_VALIDATOR_PROMPT_IMAGE_URL',
    null,
    optional(url('http:', 'https:')),
    'OpenAI-compatible engine that makes the pictures of requests that bring one; not set: their tasks are not asked',
  ),
  'validator.prompt_image_model': setting(
    'SEINE_VALIDATOR_PROMPT_IMAGE_MODEL',
    null,
    optional(text(/^\S+$/, 'one word')),
    'what that engine calls its model',
  ),

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

  'storage.s3_endpoint': setting(
    'SEINE_S3_ENDPOINT',
    null,
    optional(url('http:', 'https:')),
    'S3-compatible storage that s3: locators lie in; not set: AWS',
  ),
  'storage.s3_region': setting(
    'SEINE_S3_REGION',
    'us-east-1',
    text(/^[\w-]+$/, 'one word'),
    'region of the S3 buckets',
  ),
  'storage.s3_access_key': setting(
    'SEINE_S3_ACCESS_KEY',
    null,
    secret(),
    "id of the key that writes to S3; not set: as AWS's own tools find one",
    { secret: true },
  ),
  'storage.s3_secret_key': setting('SEINE_S3_SECRET_KEY', null, secret(), 'secret of that key', { secret: true }),
  'storage.s3_drafts': setting(
    'SEINE_S3_DRAFTS',
    null,
    optional(text(/^[a-z0-9-]+(\/[\w.~-]+)*$/, 'bucket/prefix')),
    'private bucket/prefix for what is not committed yet; not set: it stays on this machine until then',
  ),
  'storage.hub_url': setting(
    'SEINE_HUB_URL',
    'https://huggingface.co',
    url('http:', 'https:'),
    'Hub that hf: locators lie in',
  ),
  'storage.hub_token': setting('SEINE_HUB_TOKEN', null, secret(), 'token that writes to the Hub', { secret: true }),
  'storage.web_folder': setting(
    'SEINE_WEB_FOLDER',
    null,
    optional(path()),
    'folder that a web server of yours serves at the https: locator',
  ),

  ...PARAMETERS,

  'dev.enabled': setting('SEINE_DEV', false, boolean(), 'development mode: allows wallet.dev_seed and dev.copier'),
  'dev.copier': setting(
    'SEINE_DEV_COPIER',
    false,
    boolean(),
    'the miner copies others and invents rows; for tests of the network',
  ),
} as const satisfies Readonly<Record<string, Setting<unknown>>>;

export type SettingName = keyof typeof SETTINGS;

/** Each setting's own type, by its dotted name. */
export type SettingValues = {
  readonly [Name in SettingName]: (typeof SETTINGS)[Name] extends Setting<infer T> ? T : never;
};

export const SETTING_NAMES = Object.keys(SETTINGS) as SettingName[];

export function isSettingName(name: string): name is SettingName {
  return Object.hasOwn(SETTINGS, name);
}

/** The table's row with its type widened, for code that treats all settings alike. */
export function settingOf(name: SettingName): Setting<unknown> {
  return SETTINGS[name];
}
