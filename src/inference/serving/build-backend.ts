import type { NetworkOptions } from '../../net/guarded-fetch.ts';
import { createAutomatic1111Backend } from '../backends/automatic1111-backend.ts';
import type { Backend } from '../backends/backend.ts';
import { createComfyUiBackend } from '../backends/comfyui-backend.ts';
import { createOpenAiBackend } from '../backends/openai-backend.ts';
import { createStepsBackend } from '../backends/steps-backend.ts';
import type { TaskKind } from '../tasks/task.ts';
import type { JoinedTask } from './join-tasks.ts';
import type { Engine } from './parse-serve-file.ts';

/** Loads a model of this machine into this process. @param concurrency requests that it works on at once */
export type OpenEmbedded = (options: { modelFile: string; concurrency: number }) => Promise<Backend>;

export interface BackendContext {
  network: NetworkOptions;
  openEmbedded: OpenEmbedded;
}

/** What answers the requests of a served task. Throws what loading a model throws. */
export async function buildBackend(joined: JoinedTask, context: BackendContext): Promise<Backend> {
  const { task, engines, isSteps, concurrency } = joined;
  const built: Backend[] = [];
  try {
    for (const [index, engine] of engines.entries()) {
      const kind = isSteps ? (task.workflow[index]?.kind ?? task.kind) : task.kind;
      built.push(await engineBackend(engine, kind, concurrency, context));
    }
  } catch (error) {
    await Promise.all(built.map((backend) => backend.close()));
    throw error;
  }
  const [first] = built;
  return isSteps || first === undefined ? createStepsBackend(task.workflow, built) : first;
}

async function engineBackend(
  engine: Engine,
  kind: TaskKind,
  concurrency: number,
  { network, openEmbedded }: BackendContext,
): Promise<Backend> {
  switch (engine.kind) {
    case 'openai': {
      const { url: baseUrl, model, apiKey } = engine;
      const more = { ...(model === undefined ? {} : { model }), ...(apiKey === undefined ? {} : { apiKey }) };
      return createOpenAiBackend({ baseUrl, network, connections: concurrency, ...more });
    }
    case 'comfyui':
      // Uploads and questions about others' prompts go beside those that are worked on.
      return createComfyUiBackend({
        ...{ baseUrl: engine.url, network, workflow: engine.workflow },
        connections: concurrency * 2,
      });
    case 'automatic1111': {
      const { url: baseUrl, model, upscaleFactor } = engine;
      const more = {
        ...(model === undefined ? {} : { model }),
        ...(upscaleFactor === undefined ? {} : { upscaleFactor }),
      };
      return createAutomatic1111Backend({ baseUrl, network, kind, connections: concurrency, ...more });
    }
    case 'embedded':
      return await openEmbedded({ modelFile: engine.modelFile, concurrency });
  }
}
