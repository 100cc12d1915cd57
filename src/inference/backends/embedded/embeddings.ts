import type { EmbeddingRequest } from '../../wire/embeddings.ts';
import type { TaskAnswer } from '../../wire/request.ts';
import { BackendUnsupported } from '../errors.ts';
import type { LlamaEmbeddingContext, LlamaModel } from './llama.ts';

/** Vectors of texts by a model, each of length 1. */
export interface Embeddings {
  answer: (body: EmbeddingRequest, texts: readonly string[], signal: AbortSignal) => Promise<TaskAnswer>;
  close: () => Promise<void>;
}

export function createEmbeddings(
  name: string,
  model: LlamaModel,
  { contextTokens, threads }: { contextTokens: number; threads: number },
): Embeddings {
  // Opened with the first request: it takes memory that a model for texts needs not.
  let opening: Promise<LlamaEmbeddingContext> | undefined;

  return {
    async answer({ model: asked, dimensions }, texts, signal) {
      if (dimensions !== undefined) throw new BackendUnsupported(name, 'its vectors have one length');
      opening ??= model.createEmbeddingContext({ contextSize: contextTokens, threads }).catch((error: unknown) => {
        // As where memory is short for a while: the next request tries again.
        opening = undefined;
        throw error;
      });
      const context = await opening;
      const data = [];
      let read = 0;
      for (const [index, text] of texts.entries()) {
        signal.throwIfAborted();
        const tokens = model.tokenize(text, false);
        if (tokens.length === 0 || tokens.length > contextTokens) {
          throw new BackendUnsupported(
            name,
            `a text has ${tokens.length} tokens, where 1 to ${contextTokens} are read`,
          );
        }
        read += tokens.length;
        data.push({ index, embedding: ofLengthOne((await context.getEmbeddingFor(tokens)).vector) });
      }
      return {
        api: 'embeddings',
        body: { model: asked, data, usage: { prompt_tokens: read, completion_tokens: 0, total_tokens: read } },
      };
    },
    async close() {
      await (await opening?.catch(() => undefined))?.dispose();
    },
  };
}

function ofLengthOne(vector: readonly number[]): number[] {
  const length = Math.hypot(...vector);
  return vector.map((value) => value / (length || 1));
}
