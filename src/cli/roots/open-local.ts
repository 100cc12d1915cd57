import { openEmbeddedBackend } from '../../inference/backends/embedded/embedded-backend.ts';
import { openOnnxEncoder } from '../../inference/checks/onnx-encoder.ts';
import type { CheckersOptions } from './checkers.ts';

/**
 * Opens models of local files.
 * @param enginesFolder of `readParts`; undefined where set-up brought no engines: then both throw EnginesMissing, which says what to do
 */
export function openLocal(enginesFolder: string | undefined): Pick<CheckersOptions, 'openEmbedded' | 'openEncoder'> {
  return {
    openEmbedded: async (modelFile) => {
      const backend = await openEmbeddedBackend({ enginesFolder, modelFile });
      return { backend, prefill: backend.prefill };
    },
    openEncoder: (modelFile) => openOnnxEncoder({ enginesFolder, modelFile }),
  };
}
