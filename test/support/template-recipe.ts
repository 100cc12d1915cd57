import { TOOL } from '../../src/core/version.ts';
import { NO_CORPUS } from '../../src/inference/prompts/prompt-corpus.ts';
import { sourcesDigest } from '../../src/inference/prompts/prompt-recipe.ts';
import type { PromptRecipe } from '../../src/inference/prompts/prompt-recipe.ts';
import { NO_SEEDS } from '../../src/inference/prompts/seed-words.ts';

/** Of requests that are made of templates alone. */
export const TEMPLATES: PromptRecipe = {
  ...{ version: 1, tool: TOOL, datasets: [], prompt_model: false },
  sources: sourcesDigest({ corpus: NO_CORPUS, seeds: NO_SEEDS }),
};
