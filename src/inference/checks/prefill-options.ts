import type { EngineClient } from '../backends/engine-client.ts';

export interface PrefillOptions {
  engine: EngineClient;
  /** What the engine calls the model. @default the name in the request */
  model?: string;
  /** Texts of the tokens that end an answer. @default DEFAULT_END_TOKENS */
  endTokens?: readonly string[];
  /** For one answer. */
  timeoutMs: number;
}

/** What common models end an answer by. */
export const DEFAULT_END_TOKENS: readonly string[] = [
  '</s>',
  '<|im_end|>',
  '<|eot_id|>',
  '<|end_of_text|>',
  '<|endoftext|>',
  '<end_of_turn>',
  '<eos>',
  '<|end|>',
  '<|return|>',
  '<｜end▁of▁sentence｜>',
];

/** Of an answer with twenty alternatives at each position of prompt and answer. */
export const MAX_PREFILL_BYTES = 256 * 1024 * 1024;
