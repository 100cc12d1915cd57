/*
 * The part of node-llama-cpp 3.22 that is used here, in types of our own: the package may be absent (src/inference/engines/load-package.ts).
 */

/** Number of a token in its vocabulary. */
export type TokenId = number;

/** What is asked about the token that follows one: raw logits, before temperature, of some tokens and of the likeliest. */
export interface AskedNext {
  generateNext: {
    logits: { filter: { tokens: readonly TokenId[]; includeTop: number } };
    /** The sum of exp(logit - highest logit) over the vocabulary. */
    totalLogitWeight: true;
  };
}

export interface StatedNext {
  next: { logits?: ReadonlyMap<TokenId, number>; totalLogitWeight?: number };
}

/** A text under way, with its tokens in the context's memory. */
export interface LlamaSequence {
  clearHistory: () => Promise<void>;
  controlledEvaluate: (
    input: readonly (TokenId | readonly [TokenId, AskedNext])[],
  ) => Promise<readonly (StatedNext | undefined)[]>;
}

export interface LlamaContext {
  getSequence: () => LlamaSequence;
  dispose: () => Promise<void>;
}

export interface LlamaEmbeddingContext {
  getEmbeddingFor: (tokens: readonly TokenId[]) => Promise<{ vector: readonly number[] }>;
  dispose: () => Promise<void>;
}

export interface LlamaModel {
  readonly tokens: {
    bos: TokenId | null;
    eos: TokenId | null;
    bosString: string | null;
    eosString: string | null;
    shouldPrependBosToken: boolean;
  };
  readonly fileInfo: { metadata: { tokenizer?: { chat_template?: unknown } } };
  readonly trainContextSize: number;
  tokenize: (text: string, specialTokens: boolean, options?: 'trimLeadingSpace') => TokenId[];
  detokenize: (tokens: readonly TokenId[], specialTokens: boolean, lastTokens?: readonly TokenId[]) => string;
  isEogToken: (token: TokenId) => boolean;
  isSpecialToken: (token: TokenId) => boolean;
  iterateAllTokens: () => Iterable<TokenId>;
  createContext: (options: {
    sequences: number;
    contextSize: number;
    batchSize: number;
    threads: number;
  }) => Promise<LlamaContext>;
  createEmbeddingContext: (options: { contextSize: number; threads: number }) => Promise<LlamaEmbeddingContext>;
  dispose: () => Promise<void>;
}

export interface Llama {
  loadModel: (options: { modelPath: string }) => Promise<LlamaModel>;
  dispose: () => Promise<void>;
}

export interface LlamaPackage {
  getLlama: (options: {
    gpu: 'auto' | false;
    build: 'never';
    skipDownload: true;
    progressLogs: false;
    logLevel: 'error';
    maxThreads: number;
  }) => Promise<Llama>;
}
