import { contentTree, isFurniture } from './content-tree.ts';
import type { ContentTree, MarkupNode } from './content-tree.ts';

/**
 * The part that the page itself says is its text: the one `itemprop=articleBody`, else the one `main` (or `role=main`) or the one article that is
 * most of it, else the page's one article. Null where it says none, or where that holds hardly any text or mostly links.
 * @param root bounded in size and depth by the caller
 */
export function statedContent(root: MarkupNode): ContentTree | null {
  const stated: Stated = { bodies: [], mains: [], articles: [] };
  collect(root, stated);
  const [main] = stated.mains;
  const articles = main === undefined || stated.mains.length > 1 ? stated.articles : articlesIn(main);
  const article = articles.length === 1 ? onlyOf(articles) : null;
  const content = onlyOf(stated.bodies) ?? mostOf(onlyOf(stated.mains), article);
  if (content === null || content.textLength < MIN_TEXT) return null;
  return content.linkLength > content.textLength * MAX_LINK_SHARE ? null : content;
}

interface Stated {
  bodies: MarkupNode[];
  mains: MarkupNode[];
  /** Those in no other one. */
  articles: MarkupNode[];
}

function collect(node: MarkupNode, stated: Stated, isInArticle = false): void {
  const { name, attribs, children = [] } = node;
  let isArticle = false;
  if (name !== undefined && attribs !== undefined) {
    if (isFurniture(name, attribs)) return;
    if (attribs['itemprop'] === 'articleBody') stated.bodies.push(node);
    if (name === 'main' || attribs['role'] === 'main') stated.mains.push(node);
    isArticle = name === 'article';
    if (isArticle && !isInArticle) stated.articles.push(node);
  }
  for (const child of children) collect(child, stated, isInArticle || isArticle);
}

function articlesIn(main: MarkupNode): MarkupNode[] {
  const stated: Stated = { bodies: [], mains: [], articles: [] };
  collect(main, stated);
  return stated.articles;
}

function onlyOf(nodes: readonly MarkupNode[]): ContentTree | null {
  const [node] = nodes;
  return node === undefined || nodes.length > 1 ? null : contentTree(node);
}

/** An article within the page's main part, where the rest of that is little; where there is no main part, the article. */
function mostOf(main: ContentTree | null, article: ContentTree | null): ContentTree | null {
  if (main === null || article === null) return main ?? article;
  return article.textLength >= main.textLength / 2 ? article : main;
}

/** Characters: a sentence or two. Less than that, and the page's text may lie where scripts or old habits put it. */
const MIN_TEXT = 140;
/** Above it, the page lists others. */
const MAX_LINK_SHARE = 0.5;
