import { statfs } from 'node:fs/promises';
import { createHealthActivities } from '../activities/health.ts';
import type { HealthActivities } from '../activities/health.ts';
import type { OperatorRole } from '../src/core/health-findings.ts';
import type { Outbox } from '../src/commit/outbox.ts';
import { reaches } from '../src/net/reaches.ts';
import { createWebhook } from '../src/net/webhook.ts';
import type { Operator } from './operator.ts';

/** How an operator is watched; every value comes from settings. */
export interface AlertOptions {
  /** Secret: who knows it can post. Null: findings are logged only. */
  webhookUrl: string | null;
  userAgent: string;
  everyMinutes: number;
  diskFreeGb: number;
}

/** The checks of one operator. */
export function createHealth(operator: Operator, role: OperatorRole, outbox: Outbox | null): HealthActivities {
  const { signer, netuid, chain, index, state, home, log } = operator;
  const { webhookUrl, userAgent, diskFreeGb } = operator.alerts;
  return createHealthActivities({
    ...{ role, hotkey: signer.address, netuid, chain, outbox, index, state, reaches, diskFreeGb, log },
    diskFree: async () => {
      const { bavail, bsize } = await statfs(home);
      return bavail * bsize;
    },
    webhook: webhookUrl === null ? null : createWebhook(webhookUrl, userAgent),
  });
}
