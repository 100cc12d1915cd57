import { messageOf } from '../../../core/errors.ts';
import { loadPackage } from '../../engines/load-package.ts';
import { BackendFailed } from '../errors.ts';
import { BATCH_TOKENS } from './feed.ts';
import type { Llama, LlamaContext, LlamaModel, LlamaPackage } from './llama.ts';
import type { JinjaPackage } from './prompt.ts';

export interface ModelOptions {
  /** Where set-up put the engines; undefined where it did not. */
  enginesFolder: string | undefined;
  /** A GGUF file. */
  modelFile: string;
  /** Tokens that a prompt and its answer may have together. */
  contextTokens: number;
  /** Texts that are worked on at once. */
  sequences: number;
  threads: number;
  gpu: 'auto' | false;
}

export interface OpenModel {
  model: LlamaModel;
  context: LlamaContext;
  jinja: JinjaPackage;
  close: () => Promise<void>;
}

/** Loads a model into memory. Throws EnginesMissing, and BackendFailed for a file that is no model or too large for this machine. */
export async function openModel(options: ModelOptions): Promise<OpenModel> {
  const { enginesFolder, modelFile, contextTokens, sequences, threads, gpu } = options;
  const { getLlama } = (await loadPackage(enginesFolder, 'node-llama-cpp')) as LlamaPackage;
  const jinja = (await loadPackage(enginesFolder, '@huggingface/jinja')) as JinjaPackage;
  let llama: Llama | undefined;
  try {
    const quiet = { build: 'never', skipDownload: true, progressLogs: false, logLevel: 'error' } as const;
    llama = await getLlama({ gpu, ...quiet, maxThreads: threads });
    const model = await llama.loadModel({ modelPath: modelFile });
    const context = await model.createContext({
      sequences,
      contextSize: contextTokens,
      batchSize: BATCH_TOKENS,
      threads,
    });
    const opened = llama;
    return {
      ...{ model, context, jinja },
      async close() {
        await context.dispose();
        await model.dispose();
        await opened.dispose();
      },
    };
  } catch (error) {
    await llama?.dispose();
    throw new BackendFailed(modelFile, messageOf(error), error);
  }
}
