import { SeineError } from '../../src/core/errors.ts';
import { secretOf } from '../../src/core/hash/prompt-secret.ts';
import type { ChallengeDeps, PeriodInput } from './deps.ts';

/** A period's secret is gone, and with it all that it fixed: which requests there were, and what shows that nobody chose them. */
export class SecretLostError extends SeineError {
  constructor({ period_ms, period }: PeriodInput) {
    const message = `the secret of period ${period} is no longer in the state Redis: the period counts for nobody; keep that Redis on disk (appendfsync always)`;
    super('SecretLost', message, { details: { period_ms, period } });
  }
}

/** The secret of a period that is still to be planned: the one that was drawn for it first. */
export async function drawnSecret(
  { state, randomSecret }: Pick<ChallengeDeps, 'state' | 'randomSecret'>,
  { period_ms, period }: PeriodInput,
): Promise<string> {
  const periods = state(period_ms);
  return (await periods.secret(period)) ?? (await periods.keepSecret(period, secretOf(randomSecret())));
}

/** The secret of a period that has a plan. Throws SecretLostError: another one would fix other requests. */
export async function plannedSecret({ state }: Pick<ChallengeDeps, 'state'>, input: PeriodInput): Promise<string> {
  const secret = await state(input.period_ms).secret(input.period);
  if (secret === null) throw new SecretLostError(input);
  return secret;
}
