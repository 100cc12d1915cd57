import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256Hex } from '../../core/hash/sha256.ts';
import { TOOL } from '../../core/version.ts';
import { messageOf, SeineError } from '../../core/errors.ts';
import { parseDatasetManifest } from '../../datasets/dataset-manifest.ts';
import type { DatasetFile } from '../../datasets/dataset-manifest.ts';
import { readParquetBatches } from '../../datasets/parquet-reader.ts';
import { PUBLISHED_COLUMNS } from '../../datasets/schema.ts';
import { corpusCombinations, promptCorpusOf } from '../../inference/prompts/prompt-corpus.ts';
import { LEAST_COMBINATIONS } from '../../inference/prompts/compose-request.ts';
import type { PromptSources } from '../../inference/prompts/compose-request.ts';
import { sourcesDigest } from '../../inference/prompts/prompt-recipe.ts';
import type { PromptRecipe } from '../../inference/prompts/prompt-recipe.ts';
import { promptSeedsOf } from '../../inference/prompts/seed-words.ts';

/** Of all datasets: their texts are held in memory only until their sentences are found. */
const MOST_TEXTS = 50_000;
/** Of one text; a sentence or two of it are ever asked. */
const MOST_TEXT_CHARACTERS = 4096;
/** Rows are sorted by id, so by source and time: reading at several places of each file gives some of all. */
const PLACES = 8;

/** A dataset for prompts can't be read. */
export class PromptDatasetUnreadable extends SeineError {
  constructor(folder: string, cause: unknown) {
    const message = `${folder} is no published dataset (${messageOf(cause)}): correct validator.prompt_datasets`;
    super('PromptDatasetUnreadable', message, { details: { folder }, exitCode: 2, cause });
  }
}

/**
 * What prompts are made of, out of the folders of published datasets that the settings name; nothing where they name none. The same from the same datasets.
 * Memory: at most 50,000 texts of 4,096 characters while it reads, and the sentences after it.
 * @param say tells what was found
 */
export async function readPromptSources(
  folders: readonly string[],
  say: (line: string) => void,
): Promise<{ sources: PromptSources; recipe: Omit<PromptRecipe, 'prompt_model'> }> {
  const texts: string[] = [];
  const datasets: string[] = [];
  for (const folder of folders) {
    const before = texts.length;
    const noteManifest = (text: string): void => void datasets.push(sha256Hex(text));
    const most = Math.floor(MOST_TEXTS / folders.length);
    for await (const text of datasetTexts(folder, most, noteManifest)) texts.push(text);
    say(`prompts: ${texts.length - before} texts of ${folder}`);
  }
  const corpus = promptCorpusOf(texts);
  const combinations = corpusCombinations(corpus);
  if (folders.length > 0 && combinations < LEAST_COMBINATIONS) {
    say(`prompts: the datasets make ${combinations} prompts only, so templates are filled with their words`);
  }
  const sources = { corpus, seeds: promptSeedsOf(texts) };
  return { sources, recipe: { version: 1, tool: TOOL, datasets, sources: sourcesDigest(sources) } };
}

/** Texts of a dataset's rows, at most so many, from places all over its files. Throws PromptDatasetUnreadable. */
async function* datasetTexts(
  folder: string,
  most: number,
  noteManifest: (text: string) => void,
): AsyncGenerator<string> {
  try {
    const text = await readFile(join(folder, 'manifest.json'), 'utf8');
    const manifest = parseDatasetManifest(text);
    noteManifest(text);
    for (const file of manifest.files) {
      yield* fileTexts(join(folder, file.path), file, Math.floor((most * file.rows) / manifest.rows));
    }
  } catch (error) {
    throw new PromptDatasetUnreadable(folder, error);
  }
}

async function* fileTexts(path: string, { rows }: DatasetFile, most: number): AsyncGenerator<string> {
  for (const part of partsOf(rows, most)) {
    for await (const batch of readParquetBatches(path, PUBLISHED_COLUMNS, { only: ['text'], rows: part })) {
      for (const { text } of batch)
        if (typeof text === 'string') yield text.slice(0, MOST_TEXT_CHARACTERS).toWellFormed();
    }
  }
}

/** Ranges of rows, `most` rows of all, spread evenly; the whole file where it is no larger. */
function partsOf(rows: number, most: number): { start: number; end: number }[] {
  if (rows <= most) return [{ start: 0, end: rows }];
  const length = Math.max(1, Math.floor(most / PLACES));
  const starts = Array.from({ length: Math.min(PLACES, most) }, (_, place) => Math.floor((place * rows) / PLACES));
  return starts.map((start) => ({ start, end: Math.min(rows, start + length) }));
}
