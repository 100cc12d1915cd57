import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { DataRecord } from '../../src/core/record.ts';
import type { Recipe } from '../../src/datasets/recipe.ts';
import { isWanted, parseRecipe } from '../../src/datasets/recipe.ts';
import { sampleRecord } from './records.ts';

const folder = new URL('../../datasets/recipes/', import.meta.url);
const recipe: Recipe = { name: 'r', title: 'R', description: 'D', license: 'other', filters: {} };

describe('recipes', () => {
  it.each(readdirSync(folder).filter((name) => name.endsWith('.json')))(
    '%s of this repository is one, named as its file',
    (file) => {
      const parsed = parseRecipe(JSON.parse(readFileSync(new URL(file, folder), 'utf8')));
      expect(`${parsed.name}.json`).toBe(file);
    },
  );

  it('tells of every fault at once', () => {
    const faulty = { ...recipe, name: 'Not a name', filters: { source: ['web'] }, licence: 'x' };
    expect(() => parseRecipe(faulty)).toThrowError(/name(.|\n)*source(.|\n)*licence|licence(.|\n)*name/);
  });

  it.each<[string, Recipe['filters'], Partial<DataRecord>, boolean]>([
    ['nothing asked', {}, {}, true],
    ['a source asked for', { sources: ['x', 'web'] }, {}, true],
    ['a source not asked for', { sources: ['x'] }, {}, false],
    ['a kind not asked for', { kinds: ['article'] }, { kind: 'page' }, false],
    ['a language asked for', { languages: ['en'] }, { lang: 'en' }, true],
    ['an unknown language', { languages: ['en'] }, { lang: null }, false],
    ['a text just long enough, in code points', { min_text_length: 3 }, { text: '📏📏📏' }, true],
    ['a text too short', { min_text_length: 4 }, { text: '📏📏📏' }, false],
    ['no text', { min_text_length: 1 }, { text: null }, false],
  ])('%s', (_, filters, changes, wanted) => {
    expect(isWanted({ ...recipe, filters }, sampleRecord(1, changes))).toBe(wanted);
  });
});
