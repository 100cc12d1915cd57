import type { Finding } from '../src/core/health-findings.ts';
import type { HealthActivities } from '../activities/health.ts';
import { pool } from './pools.ts';

export interface CheckHealthInput {
  hotkey: string;
  netuid: number;
}

export interface HealthReport {
  findings: Finding[];
  /** Whether something had appeared or passed, and was told. */
  told: boolean;
}

/** One scheduled look at an operator: what a person should see to is told when it appears, and again when it has passed. */
export async function checkHealth(input: CheckHealthInput): Promise<HealthReport> {
  const chain = pool<HealthActivities>(input.hotkey, 'chain', {
    startToCloseTimeout: '2 minutes',
    // The next check comes soon enough, and tells what this one could not.
    retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumAttempts: 4 },
  });
  const findings = await chain.examineHealth();
  const { told } = await chain.tellHealth(findings);
  return { findings, told };
}
