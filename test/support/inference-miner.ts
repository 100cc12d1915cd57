import { startModelStandIn } from '../../stack/model-stand-in/server.ts';
import type { ModelStandIn, StandInMode } from '../../stack/model-stand-in/server.ts';
import { signJson } from '../../src/commit/signed-json.ts';
import type { Signer } from '../../src/core/chain.ts';
import { createOpenAiBackend } from '../../src/inference/backends/openai-backend.ts';
import type { AnswerChunk } from '../../src/inference/backends/backend.ts';
import { createAdmission } from '../../src/inference/server/admission.ts';
import { createAllowances } from '../../src/inference/server/allowances.ts';
import type { ServerBackend } from '../../src/inference/server/backend.ts';
import { startInferenceServer } from '../../src/inference/server/inference-server.ts';
import type { ServedTask } from '../../src/inference/server/served-task.ts';
import { createServerMetrics } from '../../src/inference/server/server-metrics.ts';
import { capacityOf } from '../../src/inference/server/statements.ts';
import { memorySeenIds } from '../net/peers.ts';

export interface InferenceMiner {
  port: number;
  standIn: ModelStandIn;
  close: () => Promise<void>;
}

/** A miner's real server in front of a stand-in of a model. */
export async function startInferenceMiner(options: {
  signer: Signer;
  netuid: number;
  serving: ServedTask[];
  mode?: StandInMode;
  /** Units that a caller may have in a period. */
  owed: number;
}): Promise<InferenceMiner> {
  const { signer, netuid, serving, mode = 'honest', owed } = options;
  const standIn = await startModelStandIn({ mode });
  const backend = createOpenAiBackend({ baseUrl: standIn.url, network: { userAgent: 'seine-test' } });
  const admission = createAdmission(createAllowances(() => owed, Date.now));
  const server = await startInferenceServer({
    ...{ host: '127.0.0.1', port: 0, hotkey: signer.address, seen: memorySeenIds() },
    mayAsk: () => Promise.resolve({ allowed: true }),
    ...{ serving: () => serving, admission, backend: serverBackend(backend) },
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

function serverBackend(backend: ReturnType<typeof createOpenAiBackend>): ServerBackend {
  return {
    answer: (task, request, signal) => backend.answer(request, { timeoutMs: task.timeout_ms, signal }),
    async *stream(task, request, signal) {
      const chunks: AnswerChunk[] = [];
      await backend.answer(request, {
        timeoutMs: task.timeout_ms,
        signal,
        onChunk: (chunk) => void chunks.push(chunk),
      });
      for (const { body } of chunks) yield body;
    },
  };
}
