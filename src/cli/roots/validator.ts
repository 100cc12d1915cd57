import { openOperator } from '../../../temporal/operator.ts';
import { createValidator } from '../../../temporal/validator.ts';
import type { Settings } from '../../config/load.ts';
import { SeineError } from '../../core/errors.ts';
import type { WantedList } from '../../core/wanted.ts';
import type { ScoringParameters } from '../../scoring/parameters.ts';
import type { Output } from '../output.ts';
import { allowedPeers, crawlingOptions, operatorOptions } from './operator-options.ts';

/** Runs a validator until the signal: its workers and its watch over the subnet. */
export async function runValidator(
  settings: Settings,
  out: Output,
  env: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
): Promise<void> {
  const operatorSettings = await operatorOptions(settings, out);
  const parameters = scoringParameters(settings);
  needPools(operatorSettings.wanted, parameters);
  const operator = await openOperator(operatorSettings);
  const validator = await createValidator(operator, {
    ...crawlingOptions(settings, env),
    parameters,
    allowanceRows: settings.values['parameters.allowance_rows'],
    isAllowedPeer: allowedPeers(settings),
  });
  signal.addEventListener('abort', () => validator.workers.shutdown());
  const running = validator.workers.run();
  const watching = await validator.watch();
  const schedules = await validator.schedule();
  out.line(`validator ${operator.signer.address}: watching by workflow ${watching}, schedules ${schedules.join(', ')}`);
  try {
    await running;
  } finally {
    await validator.close();
    await operator.close();
  }
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
    pools: values['parameters.pools'],
    score_alpha_ppm: values['parameters.score_alpha_ppm'],
    curve_exponent_milli: values['parameters.curve_exponent_milli'],
    not_found_baseline_ppm: values['parameters.not_found_baseline_ppm'],
    sample_rows: values['parameters.sample_rows'],
    sample_payable_share_ppm: values['parameters.sample_payable_share_ppm'],
    fetch_deadline_blocks: values['parameters.fetch_deadline_blocks'],
    max_unanchored: values['parameters.max_unanchored'],
  };
}
