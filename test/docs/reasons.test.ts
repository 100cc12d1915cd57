import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const listed = new Set([...read('docs/reasons.md').matchAll(/`([\w]+)`/g)].map(([, word]) => word));

/** Words in quotes of the part of a source file that this pattern takes. */
function wordsIn(path: string, part: RegExp): string[] {
  const text = part.exec(read(path))?.[0] ?? '';
  return [...text.matchAll(/'([a-z_]+)'/g)].map(([, word]) => word ?? '');
}

describe('docs/reasons.md', () => {
  it.each<[string, string, RegExp, number]>([
    ['faults of manifests', 'src/commit/manifest.ts', /export type ManifestFault =[^;]+;/, 7],
    ['faults of shards', 'src/datasets/errors.ts', /export type ShardFault =[^;]+;/, 8],
    ['signs', 'src/scoring/signs.ts', /sign: [^;]+;/, 4],
    ['refusals of rows', 'activities/collect.ts', /return 'id_not_canonical'[\s\S]+?return null/, 3],
    ['reasons not to pay', 'activities/owned-rows.ts', /duplicate: '[^;]+;/, 2],
    ['verdicts', 'src/scoring/verdict.ts', /if \(row\.scraped_at > commitTimeUs\)[\s\S]+?\n}/, 8],
  ])('has all %s', (_, path, part, atLeast) => {
    const words = wordsIn(path, part).filter(
      (word) => !['valid', 'invalid', 'gone', 'inconclusive', 'unreachable'].includes(word),
    );
    expect(new Set(words).size).toBeGreaterThanOrEqual(atLeast);
    expect(words.filter((word) => !listed.has(word))).toEqual([]);
  });

  it.each<[string, string, RegExp, number]>([
    ['checks of answers', 'activities', /\b(?:wrong|inconclusive)\('([a-z_]+)'/g, 8],
    ['grades of answers', 'src/scoring/inference/checks', /reason: '([a-z_]+)'/g, 6],
    ['failures of requests', 'src/inference/client', /\bNoAnswer\('([a-z_]+)'/g, 4],
  ])('has all words of %s', (_, folder, pattern, atLeast) => {
    const files = readdirSync(new URL(`../../${folder}`, import.meta.url)).filter((name) => name.endsWith('.ts'));
    const words = files.flatMap((name) =>
      [...read(`${folder}/${name}`).matchAll(pattern)].map(([, word]) => word ?? ''),
    );
    expect(new Set(words).size).toBeGreaterThanOrEqual(atLeast);
    expect(words.filter((word) => !listed.has(word))).toEqual([]);
  });
});
