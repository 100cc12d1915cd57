import { openOperator } from '../../../temporal/operator.ts';
import { createValidator } from '../../../temporal/validator.ts';
import type { Settings } from '../../config/load.ts';
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
  const operator = await openOperator(await operatorOptions(settings, out));
  const validator = await createValidator(operator, {
    ...crawlingOptions(settings, env),
    parameters: scoringParameters(settings),
    allowanceRows: settings.values['parameters.allowance_rows'],
    isAllowedPeer: allowedPeers(settings),
  });
  signal.addEventListener('abort', () => validator.workers.shutdown());
  const running = validator.workers.run();
  out.line(`validator ${operator.signer.address}: watching by workflow ${await validator.watch()}`);
  try {
    await running;
  } finally {
    await validator.close();
    await operator.close();
  }
}

function scoringParameters({ values }: Settings): ScoringParameters {
  return {
    score_alpha_ppm: values['parameters.score_alpha_ppm'],
    curve_exponent_milli: values['parameters.curve_exponent_milli'],
    not_found_baseline_ppm: values['parameters.not_found_baseline_ppm'],
    sample_rows: values['parameters.sample_rows'],
    sample_payable_share_ppm: values['parameters.sample_payable_share_ppm'],
    fetch_deadline_blocks: values['parameters.fetch_deadline_blocks'],
  };
}
