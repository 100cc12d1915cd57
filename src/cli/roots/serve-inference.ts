import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { Registry } from 'prom-client';
import { readParts } from '../../../stack/parts.ts';
import type { Chain } from '../../commit/chain-port.ts';
import { signJson } from '../../commit/signed-json.ts';
import type { Settings } from '../../config/load.ts';
import type { Signer } from '../../core/chain.ts';
import { canonicalJson } from '../../core/canonical-json.ts';
import { openEmbeddedBackend } from '../../inference/backends/embedded/embedded-backend.ts';
import { createAdmission } from '../../inference/server/admission.ts';
import { createAllowances } from '../../inference/server/allowances.ts';
import { createInferenceHandler } from '../../inference/server/handler.ts';
import { createRedisTakings } from '../../inference/server/redis-takings.ts';
import { INFERENCE_SERVER_LIMITS } from '../../inference/server/server-limits.ts';
import { createServerMetrics } from '../../inference/server/server-metrics.ts';
import { capacityOf, volumeOf } from '../../inference/server/statements.ts';
import { openServing } from '../../inference/serving/serving.ts';
import type { LiveServing } from '../../inference/serving/serving.ts';
import type { PathHandler } from '../../net/http-server.ts';
import type { SeenIds } from '../../net/epistula.ts';
import { createStoredNonces } from '../../net/stored-nonces.ts';
import { networkOptions } from './network-options.ts';
import { createValidatorShares, owedTerms } from './validator-shares.ts';
import type { ValidatorShares } from './validator-shares.ts';

export interface InferenceParts {
  signer: Signer;
  state: Redis;
  chain: Pick<Chain, 'finalized' | 'metagraph'>;
  seen: SeenIds;
  /** What the miner counts for Prometheus. */
  registry: Registry;
  env: Readonly<Record<string, string | undefined>>;
  log: (message: string, details: Readonly<Record<string, unknown>>) => void;
}

/** The inference that a miner serves beside its objects. */
export interface MinerInference {
  handler: PathHandler;
  health: LiveServing['health'];
  close: () => Promise<void>;
}

/** Opens what the settings have this miner serve; null where they name no serve file. The caller must have awaited `cryptoWaitReady()`. */
export async function openInference(settings: Settings, parts: InferenceParts): Promise<MinerInference | null> {
  const { values } = settings;
  const { signer, state: redis, log } = parts;
  const serveFile = values['miner.serve_file'];
  if (serveFile === null) return null;
  const live = await openServing({
    ...{ serveFile, tasksFile: values['inference.tasks_file'], env: parts.env, log },
    network: networkOptions(settings),
    openEmbedded: (model) => openEmbeddedBackend({ enginesFolder: readParts().engines?.folder, ...model }),
  });
  const shares = validatorShares(settings, parts.chain);
  const takings = createRedisTakings({ redis, hotkey: signer.address });
  const allowances = createAllowances(shares.owed, Date.now, takings);
  const admission = createAdmission(allowances);
  const signed = async (value: object): Promise<string> => canonicalJson(await signJson(value, signer));
  const stater = () => ({ netuid: values.netuid, hotkey: signer.address, nowMs: Date.now() });
  const handler = createInferenceHandler({
    ...{ hotkey: signer.address, seen: parts.seen, mayAsk: shares.mayAsk, serving: live.serving, admission },
    backend: live.backend,
    capacityText: () => signed(capacityOf(live.serving(), stater())),
    volumesText: async (task, period) => {
      const served = live.serving().find((item) => item.task.name === task);
      return served === undefined ? null : await signed(await volumeOf(served, period, allowances, stater()));
    },
    synapse: {
      signer,
      nonces: createStoredNonces({ redis, hotkey: signer.address, now: Date.now }),
      uuid: randomUUID(),
    },
    metrics: createServerMetrics(() => admission.counts(), parts.registry),
    limits: INFERENCE_SERVER_LIMITS,
    ...{ log, now: Date.now },
  });
  return { handler, health: live.health, close: live.close };
}

export function validatorShares(settings: Settings, chain: Pick<Chain, 'finalized' | 'metagraph'>): ValidatorShares {
  const { netuid } = settings.values;
  return createValidatorShares({ chain, netuid, terms: owedTerms(settings), now: () => performance.now() });
}
