import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PromptDatasetUnreadable, readPromptSources } from '../../src/cli/roots/prompt-corpus.ts';
import { buildDataset } from '../../src/datasets/build.ts';
import { corpusCombinations } from '../../src/inference/prompts/prompt-corpus.ts';
import { byTurns } from '../datasets/contributions.ts';
import { sampleRecord } from '../datasets/records.ts';
import { tempDir } from '../datasets/temp-dir.ts';

const dir = tempDir();

/** A dataset of pages with three sentences each; every tenth has no text, and the first after it has very many. */
async function dataset(name: string, pages: number): Promise<string> {
  const sentence = (page: number, line: number) => `Who wrote line ${line} of the page ${page} of ${name}?`;
  const text = (page: number) =>
    Array.from({ length: page % 10 === 1 ? 80 : 3 }, (_, line) => sentence(page, line)).join(' ');
  const rows = Array.from({ length: pages }, (_, page) =>
    sampleRecord(page, { text: page % 10 === 0 ? null : text(page) }),
  );
  const recipe = {
    name,
    title: name,
    description: 'Rows for tests.',
    license: 'other' as const,
    limits: [],
    filters: {},
  };
  const { path } = await buildDataset({
    recipe,
    contributions: byTurns(rows),
    outDir: join(dir, name),
    maxFileRows: 400,
  });
  return path;
}

describe('what prompts are made of', () => {
  it('are the sentences of published datasets, the same each time', async () => {
    const folders = [await dataset('first', 1000), await dataset('second', 50)];
    const said: string[] = [];
    const { sources, recipe } = await readPromptSources(folders, (line) => said.push(line));
    expect(said).toEqual([`prompts: 900 texts of ${folders[0]}`, `prompts: 45 texts of ${folders[1]}`]);
    expect(sources.corpus.documents).toHaveLength(945);
    expect(sources.corpus.documents.flat()).toContain('Who wrote line 2 of the page 49 of second?');
    expect(corpusCombinations(sources.corpus)).toBeGreaterThan(10n ** 9n);
    expect(sources.seeds.words).toContain('wrote');
    expect(await readPromptSources(folders, () => undefined)).toEqual({ sources, recipe });
  });

  it('says so where the datasets make too few, and nothing where there are none', async () => {
    const said: string[] = [];
    await readPromptSources([await dataset('small', 20)], (line) => said.push(line));
    expect(said[1]).toContain('so templates are filled');
    const { sources: none } = await readPromptSources([], (line) => said.push(line));
    expect([none.corpus.documents, none.seeds.words, said.length]).toEqual([[], [], 2]);
  });

  it('names the folder that is no dataset', async () => {
    const folder = join(dir, 'broken');
    mkdirSync(folder);
    await expect(readPromptSources([folder], () => undefined)).rejects.toBeInstanceOf(PromptDatasetUnreadable);
    writeFileSync(join(folder, 'manifest.json'), '{}');
    await expect(readPromptSources([folder], () => undefined)).rejects.toThrow('correct validator.prompt_datasets');
  });
});
