import { openOperator } from '../../../temporal/operator.ts';
import type { Operator } from '../../../temporal/operator.ts';
import { createValidator } from '../../../temporal/validator.ts';
import type { Validator } from '../../../temporal/validator.ts';
import { mayAsk, mirrorPolicy } from '../../commit/mirror.ts';
import { isStatementKind } from '../../commit/statements.ts';
import type { Settings } from '../../config/load.ts';
import { messageOf, SeineError } from '../../core/errors.ts';
import type { WantedList } from '../../core/wanted.ts';
import { startObjectServer } from '../../net/object-server.ts';
import type { ObjectServer } from '../../net/object-server.ts';
import { createSeenIds } from '../../net/seen-ids.ts';
import type { ScoringParameters } from '../../scoring/parameters.ts';
import type { Output } from '../output.ts';
import { openChallengeParts } from './challenge-parts.ts';
import { publicFetch, publicPlaces } from './object-storage.ts';
import { allowedPeers, crawlingOptions, operatorOptions } from './operator-options.ts';
import { effectiveJobs } from './voted-jobs.ts';

/**
 * Runs a validator until the signal: its workers, its watch over the subnet, its challenges where it has means to check answers and, where it has an address, the
 * server of what it accepted.
 */
export async function runValidator(
  settings: Settings,
  out: Output,
  env: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
): Promise<void> {
  const operatorSettings = await operatorOptions(settings, out);
  const parameters = scoringParameters(settings);
  needPools(operatorSettings.wanted, parameters);
  const opened = await openOperator(operatorSettings);
  const wanted = await effectiveJobs(settings, opened.chain, opened.wanted, out);
  const operator = { ...opened, wanted };
  let begin: () => Promise<string[]> = () => Promise.resolve([]);
  const started = (ids: readonly string[]): void => {
    if (ids.length > 0) out.line(`validator ${operator.signer.address}: challenging by ${ids.join(', ')}`);
  };
  const failed = (error: unknown): void => out.line(`challenges were not started: ${messageOf(error)}`);
  const inference = await openChallengeParts(settings, out, env, () => void begin().then(started, failed));
  const validator = await createValidator(operator, {
    ...crawlingOptions(settings, env),
    parameters,
    isAllowedPeer: allowedPeers(settings),
    objects: { places: publicPlaces(settings), fetch: publicFetch(settings) },
    inference,
  });
  begin = () => validator.challenge();
  const server = await serveOthers(settings, out, operator, validator);
  signal.addEventListener('abort', () => validator.workers.shutdown());
  const running = validator.workers.run();
  const watching = await validator.watch();
  const schedules = await validator.schedule();
  started(await begin());
  out.line(`validator ${operator.signer.address}: watching by workflow ${watching}, schedules ${schedules.join(', ')}`);
  try {
    await running;
  } finally {
    await server?.close();
    await validator.close();
    await operator.close();
  }
}

/** Serves accepted objects, and what this validator says of epochs, to other validators; null where settings name no address to put on chain. */
async function serveOthers(
  { values }: Settings,
  out: Output,
  { signer, state, chain, store, netuid }: Operator,
  { mirror, statements }: Pick<Validator, 'mirror' | 'statements'>,
): Promise<ObjectServer | null> {
  const ip = values['validator.public_ip'];
  const hotkey = signer.address;
  if (ip === null) {
    out.line(`validator ${hotkey}: validator.public_ip is not set, other validators get no shards here`);
    return null;
  }
  const server = await startObjectServer({
    host: values['validator.listen_host'],
    port: values['validator.port'],
    hotkey,
    seen: createSeenIds({ redis: state, hotkey, now: Date.now }),
    mayServe: mirrorPolicy(mirror, chain, netuid),
    statements: {
      mayAsk: (caller) => mayAsk(chain, netuid, caller),
      text: (kind, epoch) => (isStatementKind(kind) ? statements.text(kind, epoch) : Promise.resolve(null)),
    },
    open: (digest) => store.open(digest).catch(() => null),
    log: (message, details) => out.line(`${message} ${JSON.stringify(details)}`),
  });
  await chain.serveAxon({ netuid, ip, port: server.port, signer });
  out.line(`validator ${hotkey}: serving accepted shards to validators on ${ip}:${server.port}`);
  return server;
}

/** Rows of a job whose pool has no share would earn nothing, unnoticed. */
function needPools(wanted: WantedList, { pools }: ScoringParameters): void {
  const job = wanted.jobs.find(({ pool }) => !pools.some(({ name }) => name === pool));
  if (job === undefined) return;
  throw new SeineError(
    'PoolMissing',
    `job ${job.id} is paid by pool ${job.pool}, which parameters.pools (SEINE_POOLS) does not have; it has ${pools.map(({ name }) => name).join(', ')}`,
    { details: { job: job.id, pool: job.pool }, exitCode: 2 },
  );
}

function scoringParameters({ values }: Settings): ScoringParameters {
  return {
    formula: values['parameters.formula'],
    pools: values['parameters.pools'],
    score_alpha_ppm: values['parameters.score_alpha_ppm'],
    curve_exponent_milli: values['parameters.curve_exponent_milli'],
    not_found_baseline_ppm: values['parameters.not_found_baseline_ppm'],
    sample_rows: values['parameters.sample_rows'],
    sample_payable_share_ppm: values['parameters.sample_payable_share_ppm'],
    cap_site_ppm: values['parameters.cap_site_ppm'],
    cap_author_ppm: values['parameters.cap_author_ppm'],
    cap_floor_rows: values['parameters.cap_floor_rows'],
    credibility_start_ppm: values['parameters.credibility_start_ppm'],
    credibility_gain_ppm: values['parameters.credibility_gain_ppm'],
    credibility_loss_ppm: values['parameters.credibility_loss_ppm'],
    regular_epochs: values['parameters.regular_epochs'],
    regular_rows: values['parameters.regular_rows'],
    regularity_share_ppm: values['parameters.regularity_share_ppm'],
    freshness_bonus_ppm: values['parameters.freshness_bonus_ppm'],
    freshness_hours: values['parameters.freshness_hours'],
    allowance_rows: values['parameters.allowance_rows'],
    allowance_bytes: values['parameters.allowance_bytes'],
    fetch_deadline_blocks: values['parameters.fetch_deadline_blocks'],
    max_unanchored: values['parameters.max_unanchored'],
    renewed_after_blocks: values['parameters.renewed_after_blocks'],
    mirror_blocks: values['parameters.mirror_blocks'],
    inference_formula: values['parameters.inference_formula'],
    capacity_window_periods: values['parameters.capacity_window_periods'],
    capacity_right_share_ppm: values['parameters.capacity_right_share_ppm'],
    capacity_growth_ppm: values['parameters.capacity_growth_ppm'],
    capacity_first_share_ppm: values['parameters.capacity_first_share_ppm'],
  };
}
