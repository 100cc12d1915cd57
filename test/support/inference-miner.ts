import { startModelStandIn } from '../../stack/model-stand-in/server.ts';
import type { ModelStandIn, StandInOptions } from '../../stack/model-stand-in/server.ts';
import { signJson } from '../../src/commit/signed-json.ts';
import type { Signer } from '../../src/core/chain.ts';
import { createOpenAiBackend } from '../../src/inference/backends/openai-backend.ts';
import { createAdmission } from '../../src/inference/server/admission.ts';
import { createAllowances } from '../../src/inference/server/allowances.ts';
import { startInferenceServer } from '../../src/inference/server/inference-server.ts';
import type { ServedTask } from '../../src/inference/server/served-task.ts';
import { createServerMetrics } from '../../src/inference/server/server-metrics.ts';
import { capacityOf } from '../../src/inference/server/statements.ts';
import { serverBackend } from '../../src/inference/serving/pooled-backend.ts';
import type { TaskRequest } from '../../src/inference/wire/request.ts';
import { memorySeenIds } from '../net/peers.ts';

export interface InferenceMiner {
  port: number;
  standIn: ModelStandIn;
  close: () => Promise<void>;
}

/** Requests that a miner's backend has under way at once. */
const CONNECTIONS = 64;

/** A miner's real server in front of a stand-in of a model. */
export async function startInferenceMiner(options: {
  signer: Signer;
  netuid: number;
  serving: ServedTask[];
  standIn?: StandInOptions;
  /** What its backend is asked for in a request's place. @default the request */
  asking?: (request: TaskRequest) => TaskRequest;
  /** Units that a caller may have in a period. */
  owed: number;
  /** The clock by which requests grow old. @default Date.now */
  now?: () => number;
}): Promise<InferenceMiner> {
  const { signer, netuid, serving, owed, asking = (request) => request, now = Date.now } = options;
  const standIn = await startModelStandIn(options.standIn);
  const apiKey = options.standIn?.bound?.ownKey;
  const backend = createOpenAiBackend({
    ...{ baseUrl: standIn.url, network: { userAgent: 'seine-test' }, connections: CONNECTIONS },
    ...(apiKey === undefined ? {} : { apiKey }),
  });
  const admission = createAdmission(createAllowances(() => owed, Date.now));
  const server = await startInferenceServer({
    ...{ host: '127.0.0.1', port: 0, hotkey: signer.address, seen: memorySeenIds(), now },
    mayAsk: () => Promise.resolve({ allowed: true }),
    ...{ serving: () => serving, admission },
    backend: serverBackend((_, request, asked) => backend.answer(asking(request), asked)),
    metrics: createServerMetrics(() => admission.counts()),
    capacityText: async () =>
      JSON.stringify(
        await signJson(capacityOf(serving, { netuid, hotkey: signer.address, nowMs: Date.now() }), signer),
      ),
    log: () => undefined,
  });
  return {
    port: server.port,
    standIn,
    async close() {
      await server.close();
      await Promise.all([backend.close(), standIn.close()]);
    },
  };
}

/** A chat's request that asks for no probabilities. */
export function withoutLogprobs(request: TaskRequest): TaskRequest {
  return request.api === 'chat' ? { api: 'chat', body: { ...request.body, logprobs: false } } : request;
}
