import { sha256Hex } from '../../src/core/hash/sha256.ts';
import type { Article } from './article.ts';

/** What happens to a page as the site gets older. */
export interface Ageing {
  edited: string[];
  deleted: string[];
  slowed: string[];
}

/** How much of the site changes, in parts per hundred of the pages. */
export interface AgeingRates {
  edited: number;
  deleted: number;
  slowed: number;
}

/** Which of these paths are edited, deleted and slowed: at least one of each, by the seed alone. */
export function chooseAgeing(paths: readonly string[], seed: string, rates: AgeingRates): Ageing {
  const drawn = drawPaths(paths, seed);
  const share = (percent: number) => Math.max(1, Math.round((paths.length * percent) / 100));
  return {
    edited: drawn.splice(0, share(rates.edited)),
    deleted: drawn.splice(0, share(rates.deleted)),
    slowed: drawn.splice(0, share(rates.slowed)),
  };
}

/** The paths in an order drawn by the seed. */
export function drawPaths(paths: readonly string[], seed: string): string[] {
  return paths
    .map((path) => ({ path, key: sha256Hex(`${seed}:${path}`) }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ path }) => path);
}

/** The article after `edits` edits: each adds a paragraph that names its number. */
export function editArticle(article: Article, edits: number): Article {
  const paragraphs = Array.from(
    { length: edits },
    (_, index) =>
      `<p>Revision ${index + 1}: this document was revised after it was first read, and now ends differently.</p>`,
  );
  return { ...article, html: [article.html, ...paragraphs].join('\n') };
}
