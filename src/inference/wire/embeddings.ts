import { z } from 'zod';
import { MAX_DIMENSIONS, MAX_EMBEDDING_INPUTS } from './limits.ts';
import { boundedText, modelName, usage } from './shared.ts';

export const embeddingRequest = z.strictObject({
  model: modelName,
  input: z.union([boundedText, z.array(boundedText).min(1).max(MAX_EMBEDDING_INPUTS)]),
  encoding_format: z.literal('float').default('float'),
  dimensions: z.int().min(1).max(MAX_DIMENSIONS).optional(),
});
export type EmbeddingRequest = z.output<typeof embeddingRequest>;

export const embeddingAnswer = z.object({
  object: z.literal('list').optional(),
  model: modelName,
  data: z
    .array(z.object({ index: z.int().min(0), embedding: z.array(z.number()).min(1).max(MAX_DIMENSIONS) }))
    .min(1)
    .max(MAX_EMBEDDING_INPUTS),
  usage: usage.optional(),
});
export type EmbeddingAnswer = z.output<typeof embeddingAnswer>;

/** The texts of a request, in its order. */
export function embeddingTexts({ input }: EmbeddingRequest): string[] {
  return typeof input === 'string' ? [input] : input;
}

/** Vectors in the order of the texts; null where one is missing, comes twice, or differs in length. */
export function vectorsInOrder({ data }: EmbeddingAnswer, texts: number): number[][] | null {
  const vectors = Array.from({ length: texts }, (_, index) => data.filter((item) => item.index === index));
  const isWhole = data.length === texts && vectors.every((found) => found.length === 1);
  const length = data[0]?.embedding.length;
  if (!isWhole || data.some(({ embedding }) => embedding.length !== length)) return null;
  return vectors.flatMap((found) => found.map(({ embedding }) => embedding));
}
