import { describe, expect, it } from 'vitest';
import {
  composeFromCorpus,
  corpusCombinations,
  documentInTurn,
  NO_CORPUS,
  promptCorpusOf,
  sentencesOf,
} from '../../../src/inference/prompts/prompt-corpus.ts';
import { drawsFrom } from '../../../src/inference/prompts/prompt-seed.ts';

describe('sentences of a text', () => {
  it('are what people wrote, one by one', () => {
    const text =
      'The harbour froze over\nin March. Did anybody see it coming?  No.\n\nA heading\n\nIt was 3.5 degrees colder!';
    expect(sentencesOf(text)).toEqual([
      'The harbour froze over in March.',
      'Did anybody see it coming?',
      'It was 3.5 degrees colder!',
    ]);
  });

  it.each([
    'See https://example.org for more of it.',
    'Ask @ann about the old harbour.',
    'All of it is in #winter again.',
    'Call `run()` before the others do.',
    'Too short.',
    `${'Word after word goes on '.repeat(20)}here.`,
    'A line that has no end',
    'Half a pair \ud800 in the middle of it.',
  ])('%j is none', (text) => {
    expect(sentencesOf(text)).toEqual([]);
  });
});

describe('a corpus', () => {
  const texts = [5, 2, 3, 6].map((count, document) =>
    Array.from({ length: count }, (_, at) => `Sentence ${at} of the document ${document}.`).join(' '),
  );
  const corpus = promptCorpusOf(texts);

  it('holds each sentence once, and documents of three at least, no more than it may', () => {
    expect(corpus.documents.map(({ length }) => length)).toEqual([5, 3, 6]);
    expect(promptCorpusOf([...texts, texts[0] ?? '']).documents).toHaveLength(3);
    expect(promptCorpusOf(texts, 7).documents.map(({ length }) => length)).toEqual([5]);
    const long = Array.from({ length: 200 }, (_, at) => `Sentence ${at} of a long one.`).join(' ');
    expect(promptCorpusOf([long]).documents[0]).toHaveLength(80);
  });

  it('makes as many prompts as can be counted, each of one document in its order', () => {
    const possible = new Set<string>();
    for (const document of corpus.documents) {
      for (let bits = 0; bits < 2 ** document.length; bits++) {
        const chosen = document.filter((_, at) => ((bits >> at) & 1) === 1);
        if (chosen.length >= 2 && chosen.length <= 5) possible.add(chosen.join(' '));
      }
    }
    expect(corpusCombinations(corpus)).toBe(BigInt(possible.size));
    const draws = drawsFrom('corpus');
    const made = Array.from({ length: 600 }, (_, at) => composeFromCorpus(corpus, at % 3, draws)[0]);
    for (const prompt of made) expect(possible).toContain(prompt);
    expect(new Set(made).size).toBeGreaterThan(possible.size * 0.6);
    expect(corpusCombinations(NO_CORPUS)).toBe(0n);
    expect(() => composeFromCorpus(NO_CORPUS, 0, draws)).toThrow(RangeError);
  });

  it('keeps all texts of a request in one document', () => {
    const chat = composeFromCorpus(corpus, 2, drawsFrom('chat'), 4);
    expect(chat).toHaveLength(4);
    for (const text of chat) expect(text.split('. ').every((sentence) => sentence.includes('document 3'))).toBe(true);
  });

  it('of sixty documents of 80 sentences makes over a billion', () => {
    const documents = Array.from({ length: 60 }, () => Array.from({ length: 80 }, () => 'One sentence of four.'));
    // 80 over 2, 3, 4 and 5, sixty times.
    expect(corpusCombinations({ documents })).toBe(60n * (3160n + 82_160n + 1_581_580n + 24_040_016n));
  });

  it('gives each document its turn before one comes again, in an order of the seed', () => {
    for (const count of [1, 2, 7, 360]) {
      const places = Array.from({ length: count * 2 }, (_, index) => documentInTurn('seed', index, count));
      expect(new Set(places.slice(0, count)).size).toBe(count);
      expect(places.slice(count)).toEqual(places.slice(0, count));
    }
    const orders = ['a', 'b', 'c'].map((seed) =>
      Array.from({ length: 20 }, (_, at) => documentInTurn(seed, at, 360)).join(),
    );
    expect(new Set(orders).size).toBe(3);
  });
});
