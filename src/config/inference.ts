import { integer, list, optional, path, text, url } from './parsers.ts';
import { setting } from './setting.ts';
import type { Setting } from './setting.ts';

/** Rows of the settings table: what miners serve of models, and what validators challenge them with. */
export const INFERENCE = {
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
} as const satisfies Readonly<Record<string, Setting<unknown>>>;
