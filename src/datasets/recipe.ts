import { z } from 'zod';
import { InvalidInputError } from '../core/errors.ts';
import type { DataRecord } from '../core/record.ts';
import { KINDS, SOURCES } from '../core/record.ts';

/** The form of a recipe file. */
export const recipeSchema = z.strictObject({
  /** Name of the dataset, as its folder and repository are called. */
  name: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'lower-case letters, digits and single hyphens'),
  title: z.string().min(1),
  /** What the card says of the data, in a sentence or two. */
  description: z.string().min(1),
  /** Identifier of the licence as the Hugging Face hub spells it, `other` where rights stay with the authors. */
  license: z.string().min(1),
  /** Known limits of the data that a user should read before training on it, a sentence each. */
  limits: z.array(z.string().min(1)).optional(),
  /** Which rows go in; a filter left out lets all pass. */
  filters: z.strictObject({
    sources: z.array(z.enum(SOURCES)).min(1).optional(),
    kinds: z.array(z.enum(KINDS)).min(1).optional(),
    /** BCP 47; a row of unknown language passes only where this filter is left out. */
    languages: z.array(z.string()).min(1).optional(),
    /** In code points. */
    min_text_length: z.int().positive().optional(),
  }),
});

/** What a dataset is made of, kept as JSON in `datasets/recipes/`. */
export type Recipe = z.infer<typeof recipeSchema>;

/** @throws InvalidInputError that lists every fault */
export function parseRecipe(value: unknown): Recipe {
  const parsed = recipeSchema.safeParse(value);
  if (!parsed.success) throw new InvalidInputError(`not a dataset recipe:\n${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

/** Whether the recipe wants the row. */
export function isWanted({ filters }: Recipe, row: DataRecord): boolean {
  return (
    (filters.sources?.includes(row.source) ?? true) &&
    (filters.kinds?.includes(row.kind) ?? true) &&
    (filters.languages?.includes(row.lang ?? '') ?? true) &&
    (filters.min_text_length === undefined || Array.from(row.text ?? '').length >= filters.min_text_length)
  );
}
