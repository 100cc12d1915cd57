import { describe, expect, it } from 'vitest';
import {
  composeFromCorpus,
  corpusCombinations,
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
  const documents = [3, 1, 4, 2].map((count, document) =>
    Array.from({ length: count }, (_, at) => `Sentence ${at} of the document ${document}.`).join(' '),
  );
  const corpus = promptCorpusOf(documents);

  it('holds each sentence once, and no more than it may', () => {
    expect(corpus.documents.map(({ length }) => length)).toEqual([3, 1, 4, 2]);
    expect(promptCorpusOf([...documents, documents[0] ?? '']).documents).toHaveLength(4);
    expect(promptCorpusOf(documents, 5).documents.map(({ length }) => length)).toEqual([3, 1, 1]);
    const long = Array.from({ length: 100 }, (_, at) => `Sentence ${at} of a long one.`).join(' ');
    expect(promptCorpusOf([long]).documents[0]).toHaveLength(40);
  });

  it('makes as many prompts as can be counted', () => {
    const pairs = new Set<string>();
    const all = corpus.documents;
    for (const [a, first] of all.entries()) {
      for (const [b, second] of all.entries()) {
        for (const [c, third] of all.entries()) {
          if (a === b) continue;
          for (const one of first) {
            for (const two of second) {
              pairs.add(`${one} ${two}`);
              if (c !== a && c !== b) for (const three of third) pairs.add(`${one} ${two} ${three}`);
            }
          }
        }
      }
    }
    expect(corpusCombinations(corpus)).toBe(BigInt(pairs.size));
    const draws = drawsFrom('corpus');
    for (let made = 0; made < 300; made++) expect(pairs).toContain(composeFromCorpus(corpus, draws));
    expect(corpusCombinations(NO_CORPUS)).toBe(0n);
    expect(() => composeFromCorpus(NO_CORPUS, draws)).toThrow(RangeError);
  });

  it('of 1,000 sentences makes nearly a billion, of 1,100 more', () => {
    const of = (documents: number) => ({
      documents: Array.from({ length: documents }, () =>
        ['Ten sentences.'].concat(Array.from({ length: 9 }, () => '')),
      ),
    });
    expect(corpusCombinations(of(100))).toBe(971_190_000n);
    expect(corpusCombinations(of(110))).toBeGreaterThan(10n ** 9n);
  });
});
