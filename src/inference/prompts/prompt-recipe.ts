import { canonicalJson } from '../../core/canonical-json.ts';
import { sha256Hex } from '../../core/hash/sha256.ts';
import type { PromptSources } from './compose-request.ts';
import { IMAGE_VOCABULARY } from './image-vocabulary.ts';
import { TEXT_VOCABULARY } from './text-vocabulary.ts';

/** What a validator makes its requests with, besides the seeds: who has the same composes the same requests. */
export interface PromptRecipe {
  version: 1;
  /** Name and version of Seine. */
  tool: string;
  /** SHA-256 of the manifests of the published datasets, in the order in which they were read. */
  datasets: readonly string[];
  /** Of `sourcesDigest`: what was taken of them. */
  sources: string;
  /** Whether a model said prompts in other words: then who has the same composes what the model was given, not what it said. */
  prompt_model: boolean;
}

/** SHA-256 of sentences, words and templates, hex. */
export function sourcesDigest({ corpus, seeds }: PromptSources): string {
  const { words, phrases } = seeds;
  const vocabularies = [TEXT_VOCABULARY, IMAGE_VOCABULARY];
  // Each of their lists apart: the text of all of them would be some 30 MB.
  const documents = corpus.documents.map((sentences) => sha256Hex(canonicalJson([...sentences])));
  const parts = [documents, [...words], [...phrases], vocabularies].map((part) => sha256Hex(canonicalJson(part)));
  return sha256Hex(parts.join('.'));
}
