import type { Article } from './article.ts';
import type { SiteDocument } from './collect.ts';
import { escapeHtml, htmlPage, linkList } from './html.ts';
import type { Link } from './html.ts';

/** How a document reaches its reader: as HTML, or built by a script from JSON in the page or fetched after it has loaded. */
export type Delivery = 'html' | 'embedded' | 'fetched';

export interface DocumentPage {
  document: SiteDocument;
  article: Article;
  /** Origin of the site. */
  url: string;
  dependencies: readonly Link[];
  siblings: readonly Link[];
}

/** What the script of a page without text of its own shows. */
export interface PageData {
  html: string;
}

export function documentPage(page: DocumentPage): string {
  return htmlPage({ title: page.article.title, head: headOf(page), body: contentOf(page) });
}

/** A page whose text only the script can show. `dataPath` is where it fetches the text; null puts the text in the page. */
export function scriptedPage(page: DocumentPage, dataPath: string | null): string {
  // In a script element only `<` can end the data too early.
  const data =
    dataPath === null
      ? `<script type="application/json" id="data">${JSON.stringify(pageData(page)).replaceAll('<', '\\u003c')}</script>`
      : '';
  const source = dataPath === null ? '' : ` data-source="${escapeHtml(dataPath)}"`;
  return htmlPage({
    title: page.article.title,
    head: headOf(page),
    body: `<div id="page"${source}></div>\n${data}\n<script src="/assets/show.js"></script>`,
  });
}

export function pageData(page: DocumentPage): PageData {
  return { html: contentOf(page) };
}

/** The script of scripted pages. */
export const SHOW_SCRIPT = `const page = document.getElementById('page');
const source = page.dataset.source;
const show = ({ html }) => { page.innerHTML = html; };
if (source === undefined) show(JSON.parse(document.getElementById('data').textContent));
else fetch(source).then((response) => response.json()).then(show);
`;

function headOf({ document, url }: DocumentPage): string {
  const author = document.package.author;
  const canonical = `<link rel="canonical" href="${escapeHtml(url + document.path)}">`;
  return author === null ? canonical : `<meta name="author" content="${escapeHtml(author)}">\n${canonical}`;
}

function contentOf({ document, article, dependencies, siblings }: DocumentPage): string {
  const name = escapeHtml(document.package.id);
  const section = (heading: string, links: readonly Link[]) =>
    links.length === 0 ? '' : `<h2>${heading}</h2>\n${linkList(links)}`;
  return `<main>
<article>
${article.html}
</article>
</main>
<nav>
<p><a href="/">Index</a></p>
${section(`${name} depends on`, dependencies)}
${section(`More of ${name}`, siblings)}
</nav>`;
}
