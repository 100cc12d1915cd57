import { drawPaths, editArticle } from './ageing.ts';
import type { Ageing } from './ageing.ts';
import { renderArticle } from './article.ts';
import type { SiteDocument, SitePackage } from './collect.ts';
import { documentPage, pageData, scriptedPage, SHOW_SCRIPT } from './document-page.ts';
import type { Delivery, DocumentPage } from './document-page.ts';
import { htmlPage } from './html.ts';
import { imageUrl, readImage } from './images.ts';
import {
  atomFeed,
  indexPage,
  linkTo,
  listingPage,
  PRIVATE_PATH,
  privatePage,
  robotsTxt,
  sitemapXml,
} from './listings.ts';
import type { Listed } from './listings.ts';

/** What the site answers to a path, before it is sent. */
export interface Answer {
  status: number;
  type: string;
  body: string | Buffer;
  /** When the content last changed; absent where it has no validators. */
  modifiedMs?: number;
}

export interface Content {
  answer: (path: string) => Promise<Answer>;
  /** Paths of the documents that are not deleted. */
  livePaths: () => string[];
  /** Paths of the pages that scripts show. */
  scripted: readonly string[];
  /** Edits and deletes pages. */
  age: (ageing: Pick<Ageing, 'edited' | 'deleted'>, nowMs: number) => void;
}

/** A document's page and what happened to it. */
interface Entry {
  document: SiteDocument;
  delivery: Delivery;
  edits: number;
  modifiedMs: number;
  /** 410 for a deleted page that says so, 404 for one that is just not there. */
  gone: 404 | 410 | null;
}

const HTML = 'text/html; charset=utf-8';

/** The site's content, rendered when first asked for and kept until it ages. */
export function createContent(options: {
  documents: readonly SiteDocument[];
  url: string;
  startedMs: number;
  /** How many pages only a script can show. */
  scriptedPages: number;
}): Content {
  const { documents, url, startedMs, scriptedPages } = options;
  const scripted = drawPaths(
    documents.map(({ path }) => path),
    'scripted',
  ).slice(0, scriptedPages);
  const entries = new Map(
    documents.map((document): [string, Entry] => {
      const index = scripted.indexOf(document.path);
      const delivery = index < 0 ? 'html' : index % 2 === 0 ? 'embedded' : 'fetched';
      return [document.path, { document, delivery, edits: 0, modifiedMs: startedMs, gone: null }];
    }),
  );
  const packages = new Map<string, SitePackage>(documents.map((document) => [document.package.id, document.package]));
  const rendered = new Map<string, Answer>();

  const live = (): Entry[] => [...entries.values()].filter(({ gone }) => gone === null);
  const modifiedMs = (): number => Math.max(startedMs, ...live().map((entry) => entry.modifiedMs));

  function describe({ document, edits }: Entry): DocumentPage {
    const article = editArticle(
      renderArticle(document, (file) => imageUrl(document.package, file)),
      edits,
    );
    const dependencies = document.package.dependencies.flatMap((name) => {
      const id = resolveDependency(packages, document.package.id, name);
      const first = documents.find((other) => other.package.id === id);
      return first === undefined ? [] : [linkTo(first)];
    });
    const siblings = documents.filter((other) => other.package === document.package && other !== document).map(linkTo);
    return { document, article, url, dependencies, siblings };
  }

  function render(path: string): Answer | null {
    const entry = entries.get(path);
    if (entry !== undefined) return renderDocument(entry);
    const data = /^\/data\/([0-9]+)\.json$/.exec(path)?.[1];
    if (data !== undefined) return renderData(entries.get(scripted[Number(data)] ?? ''));
    const listed: Listed[] = live();
    const listing = /^\/pages\/([0-9]{1,6})$/.exec(path)?.[1];
    const page = listing === undefined ? null : listingPage(listed, Number(listing));
    if (page !== null) return { status: 200, type: HTML, body: page, modifiedMs: modifiedMs() };
    return renderFixed(path, listed);
  }

  function renderDocument(entry: Entry): Answer {
    if (entry.gone !== null) return missing(entry.gone);
    const page = describe(entry);
    const dataPath = entry.delivery === 'fetched' ? `/data/${scripted.indexOf(entry.document.path)}.json` : null;
    const body = entry.delivery === 'html' ? documentPage(page) : scriptedPage(page, dataPath);
    return { status: 200, type: HTML, body, modifiedMs: entry.modifiedMs };
  }

  function renderData(entry: Entry | undefined): Answer | null {
    if (entry?.delivery !== 'fetched' || entry.gone !== null) return null;
    const body = JSON.stringify(pageData(describe(entry)));
    return { status: 200, type: 'application/json', body, modifiedMs: entry.modifiedMs };
  }

  function renderFixed(path: string, listed: readonly Listed[]): Answer | null {
    const changed = { status: 200, modifiedMs: modifiedMs() };
    switch (path) {
      case '/': {
        const shown = live().filter(({ delivery }) => delivery !== 'html');
        return {
          ...changed,
          type: HTML,
          body: indexPage(
            listed,
            shown.map(({ document }) => document),
          ),
        };
      }
      case '/sitemap.xml':
        return { ...changed, type: 'application/xml', body: sitemapXml(url, listed) };
      case '/feed.xml':
        return { ...changed, type: 'application/atom+xml', body: atomFeed(url, listed) };
      case '/robots.txt':
        return { status: 200, type: 'text/plain; charset=utf-8', body: robotsTxt(url) };
      case '/assets/show.js':
        return { status: 200, type: 'text/javascript; charset=utf-8', body: SHOW_SCRIPT };
      case PRIVATE_PATH:
        return { status: 200, type: HTML, body: privatePage() };
      default:
        return null;
    }
  }

  return {
    scripted,
    livePaths: () => live().map(({ document }) => document.path),
    age: ({ edited, deleted }, nowMs) => {
      for (const path of edited) {
        const entry = entries.get(path);
        if (entry !== undefined) entries.set(path, { ...entry, edits: entry.edits + 1, modifiedMs: nowMs });
      }
      for (const [index, path] of deleted.entries()) {
        const entry = entries.get(path);
        if (entry !== undefined) entries.set(path, { ...entry, gone: index % 2 === 0 ? 410 : 404 });
      }
      // Other documents stay as they were to the byte, with their links to pages that are gone, as on real sites.
      const changed = new Set([...edited, ...deleted]);
      for (const path of rendered.keys()) if (!entries.has(path) || changed.has(path)) rendered.delete(path);
    },
    answer: async (path) => {
      const known = rendered.get(path);
      if (known !== undefined) return known;
      if (path.startsWith('/files/')) return answerImage(packages, path);
      const answer = render(path);
      if (answer === null) return missing(404);
      rendered.set(path, answer);
      return answer;
    },
  };
}

async function answerImage(packages: ReadonlyMap<string, SitePackage>, path: string): Promise<Answer> {
  const file = decodePath(path.slice('/files/'.length));
  const image = file === null ? null : await readImage(packages, file);
  return image === null ? missing(404) : { status: 200, ...image };
}

/** As Node finds it: nested in the package or in one of those around it, else at the top. */
function resolveDependency(packages: ReadonlyMap<string, SitePackage>, from: string, name: string): string {
  for (let around = from; around !== ''; around = around.slice(0, Math.max(0, around.lastIndexOf('/node_modules/')))) {
    const nested = `${around}/node_modules/${name}`;
    if (packages.has(nested)) return nested;
  }
  return name;
}

function decodePath(path: string): string | null {
  try {
    return decodeURIComponent(path);
  } catch {
    return null;
  }
}

function missing(status: 404 | 410): Answer {
  const text = status === 410 ? 'This page is gone.' : 'There is no such page.';
  return { status, type: HTML, body: htmlPage({ title: String(status), body: `<p>${text}</p>` }) };
}
